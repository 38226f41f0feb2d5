import type { Judgement } from '../decision/decision.ts'
import { judge } from '../decision/judge.ts'
import type { CostTier, Detector } from '../detector/detector.ts'
import { sha256Hex } from '../json/digest.ts'
import type { Action, FaultAction, StagePolicy } from '../policy/policy.ts'
import type { JudgedPart, Outcome } from '../record/decision-record.ts'
import type { Message } from '../subject/message.ts'
import { detectLanguage } from '../text/language.ts'
import { type NormalizedText, normalizeText } from '../text/normalize.ts'
import { type Binding, isLoaded } from './binding.ts'
import { beginBudget } from './budget.ts'
import { boundedConversation } from './context.ts'
import { measure } from './measure.ts'
import type { Memo } from './memo.ts'

const TIERS: readonly CostTier[] = ['pattern', 'model', 'remote']

/** What is measured: a part's judged text (or a window of it), and what stands before it. */
export interface PartInput {
  readonly part: Omit<JudgedPart, 'outcomes' | 'elapsedMs'>
  readonly text: string
  readonly conversation: readonly Message[]
  readonly tenant: string
}

/** What measuring needs besides the part. */
export interface MeasureContext {
  readonly binding: Binding
  readonly memo: Memo
  readonly signal: AbortSignal | undefined
}

/** Whether an action could still change a judgement. */
function changes(action: Action | FaultAction, { verdict, steer }: Judgement): boolean {
  if (action.kind === 'allow') return false
  if (action.kind === 'steer')
    return verdict !== 'block' || (steer !== undefined && steer.strength < action.strength)
  if (action.kind === 'block' || action.kind === 'hold') return verdict !== 'block' || steer !== undefined
  return true
}

/** Whether a detector's answer, whatever it is, could still change a judgement. */
function canChange(detector: string, stage: StagePolicy, judgement: Judgement): boolean {
  const actions = stage.rules.filter((rule) => rule.detector === detector).map((rule) => rule.action)
  return [...actions, stage.onError, stage.onAbstain].some((action) => changes(action, judgement))
}

/** A text as one detector reads it, computed once for all of them. */
interface Reading {
  readonly normalized: NormalizedText
  readonly language: string | undefined
  readonly digest: string
}

/** The text is language-checked only where a detector asks: detection costs more than the patterns do. */
async function read(text: string, detectors: readonly Detector[]): Promise<Reading> {
  const normalized = normalizeText(text)
  const asks = detectors.some(({ descriptor }) => descriptor.coverage.languages !== 'any')
  return {
    normalized,
    language: asks ? await detectLanguage(normalized.text) : undefined,
    digest: sha256Hex(text),
  }
}

function memoKey(key: string, input: PartInput, reading: Reading, conversation: readonly Message[]): string {
  const context = conversation.length === 0 ? '' : sha256Hex(JSON.stringify(conversation))
  return [input.tenant, key, input.part.stage, reading.digest, context].join('\n')
}

/**
 * Measures one part with every detector its stage names: each once, cheap ones first, those of a tier side by side.
 * Detectors whose answer could change nothing any more are `skipped`.
 */
export async function measurePart(input: PartInput, context: MeasureContext): Promise<JudgedPart> {
  const { binding, memo, signal } = context
  const { part, text } = input
  const stage = binding.policy.document.stages[part.stage]
  const outcomes: Record<string, Outcome> = {}
  const elapsedMs: Record<string, number | 'cached'> = {}
  const judged = { ...part, outcomes, elapsedMs }
  const keys = new Set(stage?.rules.map((rule) => rule.detector))
  if (!stage || keys.size === 0) return judged

  const detectors = new Map([...keys].map((key) => [key, binding.policy.detectors.get(key) as Detector]))
  const reading = await read(text, [...detectors.values()])
  const budget = beginBudget(stage.budgetMs, signal)

  const ask = async (key: string): Promise<void> => {
    const detector = detectors.get(key) as Detector
    const loaded = binding.detectors.get(key)
    if (!isLoaded(loaded)) {
      outcomes[key] = { kind: 'failed', code: loaded?.code ?? 'PARAPET_DETECTOR_LOAD_FAILED' }
      return
    }
    const { contextCharacters } = detector.descriptor
    const conversation =
      contextCharacters > 0 ? boundedConversation(input.conversation, contextCharacters) : []
    const remembered = memoKey(key, input, reading, conversation)
    const known = memo.get(remembered)
    if (known) {
      outcomes[key] = known
      elapsedMs[key] = 'cached'
      return
    }
    const started = performance.now()
    const subject = {
      stage: part.stage,
      text: reading.normalized.text,
      conversation,
      language: reading.language,
    }
    outcomes[key] = await measure({
      detector,
      loaded,
      subject,
      normalized: reading.normalized,
      signal: budget.signal,
    })
    elapsedMs[key] = performance.now() - started
    memo.set(remembered, outcomes[key])
  }

  const askTier = async (tier: CostTier): Promise<void> => {
    const turn = [...detectors]
      .filter(([, detector]) => detector.descriptor.tier === tier)
      .map(([key]) => key)
    if (turn.length === 0) return
    const unasked = [...detectors.keys()].filter((key) => !(key in outcomes))
    const asked = Object.keys(outcomes).length > 0
    const soFar = asked ? judgeSoFar(judged, unasked, binding) : undefined
    const needed = turn.filter((key) => !soFar || canChange(key, stage, soFar))
    for (const key of turn) if (!needed.includes(key)) outcomes[key] = { kind: 'skipped' }
    await Promise.all(needed.map(ask))
    signal?.throwIfAborted()
  }

  try {
    for (const tier of TIERS) await askTier(tier)
  } finally {
    budget.end()
  }
  return judged
}

function judgeSoFar(judged: JudgedPart, unasked: readonly string[], binding: Binding): Judgement {
  const skipped = Object.fromEntries(unasked.map((key) => [key, { kind: 'skipped' as const }]))
  return judge({
    policy: binding.policy.document,
    parts: [{ ...judged, outcomes: { ...skipped, ...judged.outcomes } }],
    thresholds: binding.thresholds,
  })
}
