import type { NewReviewItem, ReviewContent, ReviewDecision, ReviewItem, ReviewState } from './review-item.ts'

/** An item to store: complete, its content as JSON text. */
export interface NewStoredItem
  extends Omit<NewReviewItem, 'content' | 'team' | 'priority' | 'opinions' | 'undoMs'> {
  readonly team: string
  readonly priority: number
  readonly opinions: 1 | 2
  readonly undoMs: number
  readonly contentJson: string
}

/** What one reviewer said, and the claim under which it was said: the same again is a no-op. */
export interface StoredOpinion extends ReviewDecision {
  readonly token: string
}

/**
 * An item as a store holds it. Plain JSON but for `undefined`: a store may keep it as one document beside the columns that
 * its queries need (`id`, `tenant`, `team`, `key`, `subjectKey`, `state`, `priority`, `deadlineAt`, what `dueAt` gives, and
 * what `excludedFrom` gives). Text is in `contentJson` and in the `note` and `answer` of what was `given`, nowhere else.
 */
export interface StoredItem extends Omit<NewStoredItem, 'contentJson'> {
  readonly id: string
  readonly state: ReviewState
  readonly createdAt: number
  readonly revision: number
  /** Absent once it was erased. */
  readonly contentJson?: string
  readonly claim?: NonNullable<ReviewItem['claim']> & { readonly token: string }
  readonly given: readonly StoredOpinion[]
  /** Who skipped it: it is not handed to them again, unless they name it. */
  readonly skippedBy: readonly string[]
  /** Who may not have it at all: those who decided what it appeals against. */
  readonly barred: readonly string[]
  readonly effectAt?: number
  readonly escalatedAt?: number
  readonly appeals?: string
  readonly appealedBy?: string
  /** SHA-256 of the last appeal token that was offered. */
  readonly appealDigest?: string
  readonly grantUsedAt?: number
  readonly erasedAt?: number
}

/** The decision of an item that has one: the opinion that settled it. */
export function decisionOf({ state, given }: StoredItem): StoredOpinion | undefined {
  return state === 'decided' || state === 'approved' || state === 'rejected' ? given.at(-1) : undefined
}

/** The item for callers: without other reviewers' opinions while it is undecided, and without tokens. */
export function toReviewItem(stored: StoredItem): ReviewItem {
  const { contentJson, given, claim, skippedBy: _, barred: __, appealDigest: ___, ...item } = stored
  const content = contentJson === undefined ? { messages: [] } : (JSON.parse(contentJson) as ReviewContent)
  const decision = decisionOf(stored)
  const opinions = given.map(withoutToken)
  return {
    ...item,
    content,
    ...(claim && { claim: withoutToken(claim) }),
    ...(decision && { decision: withoutToken(decision) }),
    ...(item.state !== 'open' && item.state !== 'claimed' && opinions.length > 0 && { given: opinions }),
  }
}

function withoutToken<Held extends { readonly token: string }>({
  token: _,
  ...shown
}: Held): Omit<Held, 'token'> {
  return shown
}
