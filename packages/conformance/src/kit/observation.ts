import type { Ending, Piece, PieceKind } from './target.ts'
import type { UpstreamCall } from './upstream.ts'

/** A piece, and what stood in it that no check had passed a verdict on when the caller got it. */
export interface ReceivedPiece extends Piece {
  readonly unjudged: string
}

/** What became of one call. */
export interface Observation {
  /** `pending`: the guard had not answered when the kit gave up. */
  readonly ending: Ending | { readonly kind: 'pending' }
  readonly pieces: readonly ReceivedPiece[]
  /** Calls of the provider, as they stood when the guard ended its answer, and as they ended. */
  readonly calls: readonly { readonly atEnd: UpstreamCall['state']; readonly call: UpstreamCall }[]
  /** Checks, and characters that they were shown. */
  readonly checks: number
  readonly checkedCharacters: number
  /** Whether the guard gave an answer at all: it ended as the provider's did, or was stopped. */
  readonly answered: boolean
  /** Text of one kind that reached the caller. */
  text(kind: PieceKind, choice?: number): string
  /** Whether a word reached the caller, in whatever piece, escaped or not. */
  holds(word: string): boolean
}

const unescaped = (text: string) =>
  text.replace(/\\+u([0-9a-fA-F]{4})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))

/** Puts the pieces of one call together. */
export function observationOf(seen: Omit<Observation, 'answered' | 'text' | 'holds'>): Observation {
  const text = (kind: PieceKind, choice = 0) =>
    seen.pieces
      .filter((piece) => piece.kind === kind && (piece.choice ?? 0) === choice)
      .map((piece) => piece.text)
      .join('')
  return {
    ...seen,
    answered: seen.ending.kind === 'finished' || seen.ending.kind === 'stopped',
    text,
    holds(word) {
      const joined = new Map<string, string>()
      for (const { kind, choice = 0, text } of seen.pieces) {
        const key = `${kind}/${choice}`
        joined.set(key, (joined.get(key) ?? '') + text)
      }
      return [...joined.values()].some((found) => found.includes(word) || unescaped(found).includes(word))
    },
  }
}
