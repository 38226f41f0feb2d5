import { appealingCases } from './appealing-cases.ts'
import { claimingCases } from './claiming-cases.ts'
import { decidingCases } from './deciding-cases.ts'
import { expiringCases } from './expiring-cases.ts'
import { handingOutCases } from './handing-out-cases.ts'
import type { OpenQueueForTest, QueueContractCase } from './harness.ts'
import { opinionCases } from './opinion-cases.ts'
import { readingCases } from './reading-cases.ts'
import { storingCases } from './storing-cases.ts'
import { tenantCases } from './tenant-cases.ts'
import { undoingCases } from './undoing-cases.ts'
import { waitingCases } from './waiting-cases.ts'

/**
 * Every guarantee of `ReviewQueue` as a list of cases, for any test runner:
 * `for (const { name, run } of queueContract(open)) it(name, run)`.
 */
export function queueContract(open: OpenQueueForTest): readonly QueueContractCase[] {
  return [
    ...storingCases(open),
    ...claimingCases(open),
    ...handingOutCases(open),
    ...decidingCases(open),
    ...opinionCases(open),
    ...undoingCases(open),
    ...appealingCases(open),
    ...tenantCases(open),
    ...expiringCases(open),
    ...waitingCases(open),
    ...readingCases(open),
  ]
}
