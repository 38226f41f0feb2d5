import { SDK_ERRORS } from '../errors/codes.ts'
import { ParapetError } from '../errors/parapet-error.ts'

/** What can be wrong with a policy. */
export type PolicyIssueCode =
  | 'shape'
  | 'unknown-detector'
  | 'detector-version'
  | 'detector-options'
  | 'unknown-label'
  | 'stage-not-covered'
  | 'out-of-range'
  | 'cannot-redact'
  | 'cannot-find'
  | 'label-required'
  | 'window-too-small'
  | 'release-not-here'
  | 'steer-not-here'
  | 'duplicate-rule'

/** One mistake: its code, where it is (`output.rules[1].label`), and what would be right. */
export interface PolicyIssue {
  readonly code: PolicyIssueCode
  readonly path: string
  readonly message: string
}

/** A policy that cannot be used, with every mistake in it. Code `PARAPET_POLICY_INVALID`. */
export class PolicyError extends ParapetError {
  readonly issues: readonly PolicyIssue[]

  constructor(issues: readonly PolicyIssue[]) {
    const lines = issues.map(({ code, path, message }) => `  ${path || '(policy)'}: ${message} [${code}]`)
    super('PARAPET_POLICY_INVALID', SDK_ERRORS.PARAPET_POLICY_INVALID.message({ lines }))
    this.name = 'PolicyError'
    this.issues = issues
  }
}
