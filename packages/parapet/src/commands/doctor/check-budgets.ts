import {
  type Detector,
  type LoadedDetector,
  measureOnce,
  type Policy,
  STAGES,
  type Stage,
} from '@parapet/sdk'
import type { Finding } from './finding.ts'

const SENTENCE = 'Could you tell me how long a parcel to Norway takes, and what it costs to insure one? '
/** An ordinary question, and a page of text. */
const LENGTHS = [2_000, 8_000] as const

const textOf = (characters: number) =>
  SENTENCE.repeat(Math.ceil(characters / SENTENCE.length)).slice(0, characters)

async function elapsed(
  detectors: readonly (readonly [Detector, LoadedDetector])[],
  stage: Stage,
  text: string,
): Promise<number> {
  const started = performance.now()
  await Promise.all(detectors.map(([detector, loaded]) => measureOnce({ detector, loaded, stage, text })))
  return performance.now() - started
}

/**
 * Whether this machine answers within a policy's budgets: all models of a stage side by side, on a text of each length,
 * with nothing else to do. Stages without a model, or whose models did not load, are left out.
 */
export async function checkBudgets(
  policy: Policy,
  loaded: ReadonlyMap<string, LoadedDetector>,
): Promise<Finding[]> {
  const findings: Finding[] = []
  for (const stage of STAGES) {
    const stated = policy.document.stages[stage]
    const keys = [...new Set(stated?.rules.map((rule) => rule.detector))]
    const detectors = keys.flatMap((key) => {
      const detector = policy.detectors.get(key)
      const ready = detector && loaded.get(detector.descriptor.id)
      return detector?.descriptor.tier === 'model' && ready ? [[detector, ready] as const] : []
    })
    if (!stated || detectors.length === 0) continue
    await elapsed(detectors, stage, SENTENCE)
    const times: (readonly [number, number])[] = []
    for (const characters of LENGTHS)
      times.push([characters, await elapsed(detectors, stage, textOf(characters))])
    findings.push(describeBudget(stage, stated.budgetMs, times))
  }
  return findings
}

function describeBudget(
  stage: Stage,
  budgetMs: number,
  times: readonly (readonly [number, number])[],
): Finding {
  const what = `budget of ${stage}`
  const seen = times.map(([characters, ms]) => `${characters} characters ${ms.toFixed(0)} ms`).join(', ')
  const detail = `${seen}, of ${budgetMs} ms`
  const slowest = Math.max(...times.map(([, ms]) => ms))
  if (slowest <= budgetMs) return { what, state: 'ok', detail }
  const mend = `Give the stage a budgetMs over ${Math.ceil(slowest * 1.5)}, or a faster machine.`
  return { what, state: 'slow', detail, mend }
}
