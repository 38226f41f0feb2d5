import type { Detector, DetectorDescriptor } from '../detector/detector.ts'
import { digestOf } from '../json/digest.ts'
import type { JsonValue } from '../json/json.ts'
import { STAGES, type Stage } from '../subject/stage.ts'
import type {
  Action,
  Condition,
  FaultAction,
  Limits,
  Policy,
  PolicyDocument,
  Rule,
  StagePolicy,
} from './policy.ts'
import { policyFromDocument } from './policy-from-document.ts'
import { type ReviewOptions, type RuleDraft, reviewAction } from './when.ts'

/** What a fault or an abstention gives: a word, or a review. */
export type FaultChoice = 'block' | 'flag' | 'allow' | ReviewOptions

/** One stage, as written in code. */
export interface StageDefinition {
  readonly rules: readonly RuleDraft[]
  /** What a detector that failed gives. */
  readonly onError: FaultChoice
  /** What content that no detector covers gives: another language, too long, an image. */
  readonly onAbstain: FaultChoice
  /** The time all detectors of the stage have for one text, in milliseconds, 1 to 600,000. */
  readonly budgetMs: number
  /** How output is released: whole answers, or windows of at least twice the longest span that is redacted. @default 'whole' */
  readonly release?: 'whole' | { readonly windowCharacters: number }
}

/**
 * A policy, as written in code. A stage that is not stated takes the rules of its base: `toolResult` those of
 * `input`, `reasoning` and `toolCall` those of `output`. `input` or `output` left out is not judged at all.
 */
export interface PolicyDefinition extends Readonly<Partial<Record<Stage, StageDefinition>>> {
  readonly id: string
  readonly version: string
  /** `shadow` records what would have happened and changes nothing. @default 'enforce' */
  readonly mode?: 'enforce' | 'shadow'
  /** What end users read instead of what was withheld; keys are BCP 47 tags. @default DEFAULT_MESSAGE */
  readonly messages?: { readonly default: string; readonly [locale: string]: string }
  /** @default DEFAULT_LIMITS */
  readonly limits?: Partial<Limits>
}

/** What end users read when a policy states no message: it names no rule and no reason. */
export const DEFAULT_MESSAGE = 'Sorry, I can’t help with that here.'

/** The bounds of a request and of an answer when a policy states none. */
export const DEFAULT_LIMITS: Limits = { maxCharacters: 2_000_000 }

const describe = (condition: Condition): string =>
  condition.kind === 'above'
    ? `>=${condition.score}`
    : condition.kind === 'falsePositiveRate'
      ? `@fpr${condition.rate}`
      : ':found'

function describeAction(action: Action): string {
  if (action.kind === 'hold') return `hold-${action.waitMs}-${action.withinMs}-${action.otherwise}`
  return action.kind
}

/** A rule's id from its content: `toxicity.toxic>=0.8:block`. */
function ruleId(key: string, draft: RuleDraft): string {
  return `${key}${draft.label === undefined ? '' : `.${draft.label}`}${describe(draft.condition)}:${describeAction(draft.action)}`
}

function faultAction(choice: FaultChoice): FaultAction {
  return typeof choice === 'object' && choice !== null
    ? (reviewAction(choice) as FaultAction)
    : { kind: choice }
}

const identity = ({ id, version, options }: DetectorDescriptor) =>
  digestOf({ id, version, options } as JsonValue)

/** Gives each detector its key: its id, with a digest of its options where one id stands with several options. */
function detectorKeys(detectors: readonly Detector[]): Map<string, string> {
  const byIdentity = new Map(detectors.map(({ descriptor }) => [identity(descriptor), descriptor.id]))
  const ids = [...byIdentity.values()]
  return new Map(
    [...byIdentity].map(([digest, id]) => [
      digest,
      ids.filter((other) => other === id).length > 1 ? `${id}#${digest.slice(7, 15)}` : id,
    ]),
  )
}

/**
 * Makes a policy: plain data with a hash, and the detectors it is written with.
 * @throws PolicyError (`PARAPET_POLICY_INVALID`) with every mistake, its place and the legal values
 */
export function definePolicy(definition: PolicyDefinition): Policy {
  const {
    id,
    version,
    mode = 'enforce',
    messages = { default: DEFAULT_MESSAGE },
    limits,
    ...stages
  } = definition
  const drafts = STAGES.flatMap((stage) => definition[stage]?.rules ?? [])
  const keys = detectorKeys(drafts.map(({ detector }) => detector))
  const keyOf = ({ descriptor }: Detector) => keys.get(identity(descriptor)) as string

  const toRule = (draft: RuleDraft): Rule => ({
    id: draft.id ?? ruleId(keyOf(draft.detector), draft),
    detector: keyOf(draft.detector),
    ...(draft.label === undefined ? {} : { label: draft.label }),
    condition: draft.condition,
    action: draft.action,
  })
  const toStage = (stage: StageDefinition): StagePolicy => {
    const { rules, onError, onAbstain, budgetMs, release = 'whole', ...unknown } = stage
    return {
      rules: rules.map(toRule),
      onError: faultAction(onError),
      onAbstain: faultAction(onAbstain),
      budgetMs,
      release: release === 'whole' ? { kind: 'whole' } : { kind: 'window', ...release },
      ...unknown,
    }
  }

  const detectors = new Map(drafts.map(({ detector }) => [keyOf(detector), detector]))
  const document = {
    schema: 'parapet.policy/1',
    id,
    version,
    mode,
    detectors: Object.fromEntries(
      [...detectors].map(([key, { descriptor }]) => [
        key,
        { id: descriptor.id, version: descriptor.version, options: descriptor.options },
      ]),
    ),
    stages: Object.fromEntries(
      Object.entries(stages).map(([name, stage]) => [
        name,
        stage === undefined ? stage : toStage(stage as StageDefinition),
      ]),
    ),
    messages,
    limits: { ...DEFAULT_LIMITS, ...limits },
  } as unknown as PolicyDocument
  return policyFromDocument(document, detectors)
}
