import type { DecisionBody, HoldEndBody, RecordSink } from '../record/decision-record.ts'
import { memorySink } from '../record/memory-sink.ts'

/** A sink that keeps records in memory, sorted by what they are. */
export interface RecordingSink extends RecordSink {
  /** Oldest first. */
  readonly decisions: readonly DecisionBody[]
  readonly holdEnds: readonly HoldEndBody[]
  /** The record of a decision; undefined when there is none. */
  find(decisionId: string): DecisionBody | undefined
  /** Every later append rejects with this: a full disk. */
  failWith(error: Error): void
}

/** A sink for tests: each body goes through the checks of the real ones before it is kept. */
export function recordingSink(): RecordingSink {
  const sink = memorySink()
  const decisions: DecisionBody[] = []
  const holdEnds: HoldEndBody[] = []
  let failure: Error | undefined
  return {
    decisions,
    holdEnds,
    find: (decisionId) => decisions.find(({ decision }) => decision.id === decisionId),
    failWith(error) {
      failure = error
    },
    async append(body) {
      if (failure) throw failure
      await sink.append(body)
      if (body.kind === 'decision') decisions.push(body)
      else holdEnds.push(body)
    },
  }
}
