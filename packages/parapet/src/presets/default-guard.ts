import { createGuard, type DecisionBody, type Guard, type GuardOptions, type RecordSink } from '@parapet/sdk'
import { reportDecision } from './report-decision.ts'
import { standardPreset } from './standard.ts'

/** What a guard without a policy may be given. */
export interface DefaultGuardOptions extends Omit<GuardOptions, 'policy'> {
  /**
   * Called with each decision: what the standard preset would have done. Holds no text.
   * @default a line on standard error for each decision that something would have come of
   */
  readonly onDecision?: (body: DecisionBody) => void
}

function reporting(onDecision: (body: DecisionBody) => void, next: RecordSink | undefined): RecordSink {
  return {
    async append(body) {
      await next?.append(body)
      if (body.kind === 'decision') onDecision(body)
    },
    close: async () => next?.close?.(),
  }
}

/**
 * A guard for who has no policy yet: the standard preset in shadow mode. It changes nothing, and says what it would
 * have done.
 */
export function createDefaultGuard(options: DefaultGuardOptions = {}): Guard {
  const { onDecision = reportDecision, records, ...rest } = options
  return createGuard({
    ...rest,
    records: reporting(onDecision, records),
    policy: standardPreset({ mode: 'shadow' }),
  })
}
