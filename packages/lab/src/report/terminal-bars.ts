import { CONDITION_WORDS } from '../prove/conditions.ts'
import type { Proof } from '../prove/proof.ts'

const WIDTH = 40

/** The chart of a proof in plain characters, a line for each condition: █ the share that refuses, ├ ─ ┤ its 95 % interval, ▒ where both are. */
export function terminalBars({ tallies }: Proof): string {
  const width = Math.max(...Object.values(CONDITION_WORDS).map((words) => words.length))
  return (['harmful', 'harmless'] as const)
    .map((kind) => {
      const lines = tallies
        .filter((tally) => tally.kind === kind)
        .map(({ condition, refused }) => {
          const share = Number.isNaN(refused.share) ? 'none' : refused.share.toFixed(2)
          return `  ${CONDITION_WORDS[condition].padEnd(width)}  ${bar(refused)}  ${share}`
        })
      return [`refused, ${kind} prompts`, ...lines].join('\n')
    })
    .join('\n')
}

function bar({ share, low, high }: { share: number; low: number; high: number }): string {
  const cellOf = (value: number) => Math.min(WIDTH - 1, Math.floor(value * WIDTH))
  const [first, last] = [cellOf(low), cellOf(high)]
  return Array.from({ length: WIDTH }, (_, cell) => {
    const filled = (cell + 0.5) / WIDTH <= share
    if (cell === first) return '├'
    if (cell === last) return '┤'
    if (cell > first && cell < last) return filled ? '▒' : '─'
    return filled ? '█' : '·'
  }).join('')
}
