import type { Decision } from '@parapet/sdk'
import type { ServerOptions } from './options.ts'

/** A decision without its reasons: what a server may show to others. In shadow mode, what is enforced: nothing. */
export interface ShownVerdict {
  readonly id: string
  readonly verdict: Decision['verdict']
  readonly edits: readonly { readonly start: number; readonly end: number; readonly replacement: string }[]
}

/** What callers see of a decision, by the server's option `answers`. */
export function shownDecision(
  decision: Decision,
  answers: NonNullable<ServerOptions['answers']>,
): Decision | ShownVerdict {
  if (answers === 'decision') return decision
  const { id, effective, verdict, edits } = decision
  const shadowed = effective !== verdict
  return {
    id,
    // A server has no model to steer: what it did is what the verdict says.
    verdict: effective === 'steer' ? verdict : effective,
    edits: shadowed ? [] : edits.map(({ start, end, replacement }) => ({ start, end, replacement })),
  }
}
