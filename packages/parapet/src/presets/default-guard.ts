import { createGuard, type DecisionBody, type Guard, type GuardOptions, type RecordSink } from '@parapet/sdk'
import { standardPreset } from './standard.ts'

/** What a guard without a policy may be given. */
export interface DefaultGuardOptions extends Omit<GuardOptions, 'policy'> {
  /** Called with each decision: what the standard preset would have done. Holds no text. */
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
export function createDefaultGuard({ onDecision, ...options }: DefaultGuardOptions = {}): Guard {
  const records = onDecision ? reporting(onDecision, options.records) : options.records
  return createGuard({
    ...options,
    ...(records ? { records } : {}),
    policy: standardPreset({ mode: 'shadow' }),
  })
}
