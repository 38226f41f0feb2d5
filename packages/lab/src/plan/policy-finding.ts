import type { Stage } from '@parapet/sdk'

/** What can be said of a policy without looking at any traffic: proved from the policy and its detectors' descriptors. */
export type PolicyFinding =
  /** Another rule holds whenever this one does and asks for at least as much: it changes no verdict. */
  | { readonly kind: 'no-effect'; readonly stage: Stage; readonly rule: string; readonly because: string }
  /** A detector that fails lets content pass, though rules of the stage would block or hold it. */
  | { readonly kind: 'fails-open'; readonly stage: Stage; readonly action: string }
  /** What no detector covers passes: longer than `maxCharacters`, in another language, or media. */
  | {
      readonly kind: 'abstains-open'
      readonly stage: Stage
      readonly action: string
      /** The shortest text that one of the stage's detectors abstains from is a character longer than this. */
      readonly maxCharacters: number
      /** Languages that every detector of the stage covers; `any` where none asks. */
      readonly languages: readonly string[] | 'any'
    }
  /** A hold that nobody decides in time lets its content pass. */
  | { readonly kind: 'expires-open'; readonly stage: Stage; readonly rule: string }
  /** Released in windows: what stood before the window that blocks has left already. */
  | { readonly kind: 'window-leak'; readonly stage: Stage; readonly windowCharacters: number }
  /** Nothing judges this stage, while others are judged. */
  | { readonly kind: 'unjudged-stage'; readonly stage: Stage }
  /** The stage's budget ends before the second attempt of a service could. */
  | {
      readonly kind: 'budget-cuts-attempts'
      readonly stage: Stage
      readonly detector: string
      readonly budgetMs: number
      readonly timeoutMs: number
    }
  /** Content leaves this machine. */
  | { readonly kind: 'sends-out'; readonly stage: Stage; readonly detector: string; readonly to: string }

/** Those that let something pass, or out: what a gate may forbid a change to bring in. */
export const OPENINGS: ReadonlySet<PolicyFinding['kind']> = new Set([
  'fails-open',
  'abstains-open',
  'expires-open',
  'window-leak',
  'unjudged-stage',
])

/** Two findings are the same when they say the same of the same place. */
export const findingKey = (finding: PolicyFinding): string =>
  JSON.stringify(Object.entries(finding).sort(([a], [b]) => (a < b ? -1 : 1)))
