import { type Detector, type LoadedDetector, measureOnce, type Policy, type Stage } from '@parapet/sdk'
import type { Finding } from './finding.ts'

const SENTENCE = 'Could you tell me how long a parcel to Norway takes, and what it costs to insure one? '
/** An ordinary long question, and a page of text. */
const LENGTHS = [2_000, 6_000] as const

/** A text that no detector has seen before, since those are remembered. */
const textOf = (characters: number, stage: Stage) =>
  `${stage} ${SENTENCE.repeat(Math.ceil(characters / SENTENCE.length))}`.slice(0, characters)

type Ready = readonly [Detector, LoadedDetector]

interface Timing {
  readonly characters: number
  readonly elapsedMs: number
  readonly abstained: boolean
}

async function time(detectors: readonly Ready[], stage: Stage, characters: number): Promise<Timing> {
  const text = textOf(characters, stage)
  const started = performance.now()
  const measured = await Promise.all(
    detectors.map(([detector, loaded]) => measureOnce({ detector, loaded, stage, text })),
  )
  const elapsedMs = performance.now() - started
  return { characters, elapsedMs, abstained: measured.some(({ kind }) => kind === 'abstained') }
}

function modelsOf(policy: Policy, stage: Stage, loaded: ReadonlyMap<string, LoadedDetector>): Ready[] {
  const keys = new Set(policy.document.stages[stage]?.rules.map((rule) => rule.detector))
  return [...keys].flatMap((key) => {
    const detector = policy.detectors.get(key)
    const ready = detector && loaded.get(detector.descriptor.id)
    return detector?.descriptor.tier === 'model' && ready ? [[detector, ready] as const] : []
  })
}

function describe(stage: Stage, budgetMs: number, timings: readonly Timing[]): Finding {
  const what = `budget of ${stage}`
  const seen = timings.map(({ characters, elapsedMs, abstained }) => {
    const note = abstained ? ' (abstains)' : ''
    return `${characters} characters ${elapsedMs.toFixed(0)} ms${note}`
  })
  const detail = `${seen.join(', ')}, of ${budgetMs} ms`
  const slowest = Math.max(...timings.map(({ elapsedMs }) => elapsedMs))
  if (slowest <= budgetMs) return { what, state: 'ok', detail }
  const mend = `Give the stage a budgetMs over ${Math.ceil(slowest * 1.5)}, or a faster machine.`
  return { what, state: 'slow', detail, mend }
}

/**
 * Whether this machine answers within a policy's budgets: all models of a stage side by side, on a text of each length,
 * with nothing else to do. Only the stages `input` and `output`, since the others ask the same; those whose models did
 * not load are left out.
 */
export async function checkBudgets(
  policy: Policy,
  loaded: ReadonlyMap<string, LoadedDetector>,
): Promise<Finding[]> {
  const findings: Finding[] = []
  for (const stage of ['input', 'output'] as const) {
    const budgetMs = policy.document.stages[stage]?.budgetMs
    const models = modelsOf(policy, stage, loaded)
    if (budgetMs === undefined || models.length === 0) continue
    await time(models, stage, SENTENCE.length)
    const timings: Timing[] = []
    for (const characters of LENGTHS) timings.push(await time(models, stage, characters))
    findings.push(describe(stage, budgetMs, timings))
  }
  return findings
}
