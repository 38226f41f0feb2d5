import { definePolicy, type PolicyDefinition, type StageDefinition } from '../policy/define-policy.ts'
import type { Policy } from '../policy/policy.ts'
import { type ReviewOptions, type RuleDraft, when } from '../policy/when.ts'
import type { JudgedLog } from './judged-log.ts'
import { type ScriptedDetector, scriptedDetector } from './scripted-detector.ts'

/** What texts of a scripted policy say to bring something about. */
export const SCRIPTED_WORDS = {
  block: 'BLOCK-ME',
  hold: 'HOLD-ME',
  /** Redacted: any four digits after the dash. */
  secret: 'SECRET-1234',
  fail: 'FAIL-ME',
} as const

/** What stands where a scripted policy has cut a secret. */
export const SCRIPTED_REPLACEMENT = '[cut]'

/** The message for end users of a scripted policy. */
export const SCRIPTED_MESSAGE = 'Not here, sorry.'

type WordLabel = 'block' | 'hold' | 'secret'

/** The detector of scripted policies: it finds `SCRIPTED_WORDS`, and throws where it reads `FAIL-ME`. */
export function wordDetector(options: { readonly log?: JudgedLog } = {}): ScriptedDetector<WordLabel> {
  return scriptedDetector({
    id: 'words',
    labels: ['block', 'hold', 'secret'],
    script: { block: /BLOCK-ME/, hold: /HOLD-ME/, secret: /SECRET-\d{4}/ },
    faults: { throws: /FAIL-ME/ },
    descriptor: { maxSpanCharacters: 11 },
    ...options,
  })
}

/** What a scripted policy can be told. */
export interface ScriptedPolicyOptions {
  /** @default a detector of its own */
  readonly detector?: ScriptedDetector<WordLabel>
  /** How what says `HOLD-ME` is reviewed. @default a wait of a minute, then `block` */
  readonly review?: ReviewOptions
  readonly stage?: Partial<StageDefinition>
  /** How output is released. @default 'whole' */
  readonly release?: 'whole' | { readonly windowCharacters: number }
  readonly policy?: Partial<PolicyDefinition>
}

/** Rules that block, hold and redact what says so. */
export function scriptedRules(
  detector: ScriptedDetector<WordLabel>,
  review: ReviewOptions = { mode: 'hold', withinMs: 60_000, otherwise: 'block' },
): readonly RuleDraft[] {
  return [
    when(detector, 'block').found().block(),
    when(detector, 'hold').found().review(review),
    when(detector, 'secret').found().redact({ replacement: SCRIPTED_REPLACEMENT }),
  ]
}

/** A valid policy that judges input and output by what texts say; each test changes what it is about. */
export function scriptedPolicy(options: ScriptedPolicyOptions = {}): Policy {
  const { detector = wordDetector(), review, release = 'whole' } = options
  const stage: StageDefinition = {
    rules: scriptedRules(detector, review),
    onError: 'block',
    onAbstain: 'flag',
    budgetMs: 2_000,
    ...options.stage,
  }
  return definePolicy({
    id: 'scripted',
    version: '1',
    input: stage,
    output: { ...stage, release },
    messages: { default: SCRIPTED_MESSAGE },
    ...options.policy,
  })
}
