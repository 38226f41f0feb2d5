import { MemoryRows } from './memory-rows.ts'
import type {
  ReviewInput,
  ReviewOutput,
  ReviewStore,
  ReviewTransactions,
  StoreListener,
} from './review-store.ts'
import { type ReviewReads, rulesOf } from './rules/review-rules.ts'
import { runRules } from './rules/run-rules.ts'
import { sweep } from './rules/sweep.ts'

/** A store within the process, for tests: it forgets everything at its end, and looks at every item for each claim. */
export function memoryStore(): ReviewStore {
  const rows = new MemoryRows()
  let listener: StoreListener | undefined
  return {
    pollMs: undefined,
    listen: (given) => {
      listener = given
    },
    async run(call, at, input) {
      try {
        runRules(sweep(at), rows)
        return structuredClone(answer(rows, call, at, input))
      } finally {
        listener?.settled(rows.takeSettled())
        listener?.dueAt(rows.nextDueAt())
      }
    },
    async close() {},
  }
}

/** Rules fail before they change anything, so that a call that fails needs no undoing here. */
function answer<Call extends keyof ReviewTransactions>(
  rows: MemoryRows,
  call: Call,
  at: number,
  input: ReviewInput<Call>,
): ReviewOutput<Call> {
  const rules = rulesOf(call, at, input)
  if (rules) return runRules(rules, rows) as ReviewOutput<Call>
  const read = rows[call as ReviewReads] as (input: unknown) => ReviewOutput<Call>
  return read.call(rows, input)
}
