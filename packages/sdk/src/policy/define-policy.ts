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
import { PolicyError, type PolicyIssue } from './policy-error.ts'
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

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function checkDraft(draft: unknown, path: string): PolicyIssue[] {
  const shape = (message: string): PolicyIssue[] => [{ code: 'shape', path, message }]
  if (!isObject(draft)) return shape('Expected a rule, as when(detector, label) begins it.')
  if (!('action' in draft))
    return shape('The rule has no action. End it with .block(), .review(…), .redact() or .flag().')
  const { descriptor } = (draft['detector'] ?? {}) as Partial<Detector>
  return isObject(descriptor)
    ? []
    : shape('The rule has no detector: pass what toxicity() and its kin make to when().')
}

/** What would keep a definition from being read at all. */
function checkDefinition(definition: unknown): PolicyIssue[] {
  if (!isObject(definition))
    return [{ code: 'shape', path: '', message: 'Expected an object with id, version and stages.' }]
  const stated = STAGES.filter((stage) => definition[stage] !== undefined)
  if (stated.length === 0)
    return [
      {
        code: 'shape',
        path: '',
        message: `No stage is stated, so nothing would be judged. State one of ${STAGES.join(', ')}.`,
      },
    ]
  return stated.flatMap((stage): PolicyIssue[] => {
    const value = definition[stage]
    if (!isObject(value))
      return [
        {
          code: 'shape',
          path: stage,
          message: 'Expected an object with rules, onError, onAbstain and budgetMs.',
        },
      ]
    const rules = value['rules']
    if (!Array.isArray(rules))
      return [
        { code: 'shape', path: `${stage}.rules`, message: 'Expected a list of rules; it may be empty.' },
      ]
    return rules.flatMap((draft, index) => checkDraft(draft, `${stage}.rules[${index}]`))
  })
}

/** Paths as they stand in the code, where stages are members of the policy itself. */
function asWritten(error: unknown): unknown {
  if (!(error instanceof PolicyError)) return error
  return new PolicyError(
    error.issues.map((issue) => ({ ...issue, path: issue.path.replace(/^stages\./, '') })),
  )
}

/**
 * Makes a policy: plain data with a hash, and the detectors it is written with.
 * @throws PolicyError (`PARAPET_POLICY_INVALID`) with every mistake, its place and the legal values
 */
export function definePolicy(definition: PolicyDefinition): Policy {
  const unreadable = checkDefinition(definition)
  if (unreadable.length > 0) throw new PolicyError(unreadable)
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
  try {
    return policyFromDocument(document, detectors)
  } catch (error) {
    throw asWritten(error)
  }
}
