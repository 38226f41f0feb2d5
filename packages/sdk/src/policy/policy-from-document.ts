import type { Detector } from '../detector/detector.ts'
import { digestOf } from '../json/digest.ts'
import type { JsonValue } from '../json/json.ts'
import { STAGES, type Stage } from '../subject/stage.ts'
import { checkMeaning, checkShape } from './check-policy.ts'
import type { Policy, PolicyDocument, StagePolicy } from './policy.ts'
import { PolicyError } from './policy-error.ts'

/** Which stage's rules hold for a stage that a policy does not state. */
export const INHERITED: Readonly<Partial<Record<Stage, Stage>>> = {
  toolResult: 'input',
  reasoning: 'output',
  toolCall: 'output',
}

function deepFreeze<Value>(value: Value): Value {
  if (value !== null && typeof value === 'object' && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const entry of Object.values(value)) deepFreeze(entry)
  }
  return value
}

/** A stage as its base states it; only output and reasoning can be released in windows. */
function inherit(stage: Stage, base: StagePolicy): StagePolicy {
  return stage === 'reasoning' ? base : { ...base, release: { kind: 'whole' } }
}

/** Fills in the stages that are inherited and sorts the rules, so that their order changes nothing, not even the hash. */
function complete(document: PolicyDocument): PolicyDocument {
  const stages: Partial<Record<Stage, StagePolicy>> = {}
  for (const stage of STAGES) {
    const base = INHERITED[stage]
    const stated =
      document.stages[stage] ?? (base && document.stages[base] && inherit(stage, document.stages[base]))
    if (stated) stages[stage] = { ...stated, rules: [...stated.rules].sort((a, b) => (a.id < b.id ? -1 : 1)) }
  }
  return { ...document, stages }
}

/**
 * Checks a document against the detectors it names and makes it a policy.
 * @throws PolicyError with every mistake
 */
export function policyFromDocument(
  document: PolicyDocument,
  detectors: ReadonlyMap<string, Detector>,
): Policy {
  const shape = checkShape(document)
  if (shape.length > 0) throw new PolicyError(shape)
  const descriptors = new Map([...detectors].map(([key, { descriptor }]) => [key, descriptor]))
  const meaning = checkMeaning(document, descriptors)
  if (meaning.length > 0) throw new PolicyError(meaning)
  const completed = deepFreeze(structuredClone(complete(document)))
  return Object.freeze({
    document: completed,
    policyHash: digestOf(completed as unknown as JsonValue),
    detectors,
  })
}
