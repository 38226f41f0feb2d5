import type { DirectionTest, FitResult, RefusalRate } from '@parapet/lab'
import { fields, table } from '../../output/table.ts'

/** What was found, for a person. */
export function describeFit({ file, metadata, test }: FitResult): string {
  const fit = metadata.fit as { readonly chosen?: Readonly<Record<string, unknown>> } | undefined
  const score = (name: string) => {
    const value = fit?.chosen?.[name]
    return typeof value === 'number' ? value.toFixed(3) : 'none'
  }
  const scores = ['bypass', 'induce', 'comply', 'refuse', 'divergence', 'dPrime']
    .filter((name) => typeof fit?.chosen?.[name] === 'number')
    .map((name) => [name, score(name)] as const)
  const head = fields([
    ['direction', file],
    ['model', metadata.model.id],
    ['place', `${metadata.direction.site} at ${metadata.direction.position}`],
    ...scores,
  ])
  return [head, refusalTable(test), readingTable(test)].filter((part) => part !== '').join('\n\n')
}

function refusalTable({ refusal }: DirectionTest): string {
  if (!refusal) return ''
  const rows = (kind: string, conditions: Readonly<Record<string, RefusalRate>>) =>
    Object.entries(conditions).map(([condition, { share, low, high, n, meanScore }]) => [
      kind,
      condition,
      share.toFixed(3),
      `${low.toFixed(3)} to ${high.toFixed(3)}`,
      n,
      meanScore.toFixed(2),
    ])
  return table(
    ['prompts', 'condition', 'about to refuse', '95 % interval', 'n', 'mean score'],
    [...rows('harmful', refusal.harmful), ...rows('harmless', refusal.harmless)],
  )
}

function readingTable({ readings }: DirectionTest): string {
  return table(
    ['reading', 'AUROC', "d'", 'caught at 1 % false positives', '95 % interval'],
    Object.entries(readings).map(([name, { auroc, dPrime, at1Percent }]) => {
      const { share, low, high } = at1Percent.truePositives
      return [
        name,
        auroc.toFixed(3),
        dPrime.toFixed(2),
        share.toFixed(3),
        `${low.toFixed(3)} to ${high.toFixed(3)}`,
      ]
    }),
  )
}
