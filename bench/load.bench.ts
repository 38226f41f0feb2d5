import { monitorEventLoopDelay } from 'node:perf_hooks'
import { refusalDirection, sentiment, toxicity } from '@parapet/detectors'
import { createModelHost } from '@parapet/runtime'
import { createGuard, type DecisionBody, definePolicy, type Outcome, when } from '@parapet/sdk'
import { type Bench, type Figure, quantile } from './figure.ts'
import { textOf } from './models.bench.ts'

const AT_ONCE = 16

const share = (outcomes: readonly Outcome[], holds: (outcome: Outcome) => boolean) =>
  outcomes.filter(holds).length / outcomes.length

/** 16 requests at once, at three lengths, every model asked: what the app's event loop feels, and what a caller waits. */
export const loadBench: Bench = {
  name: 'load',
  async run() {
    const started = performance.now()
    const host = createModelHost()
    const bodies: DecisionBody[] = []
    const harm = refusalDirection({ host })
    const policy = definePolicy({
      id: 'bench',
      version: '1',
      input: {
        rules: [
          when(harm, 'harmful').above(1).flag(),
          when(toxicity({ host }), 'toxic').above(1).flag(),
          when(sentiment({ host }), 'negative').above(1).flag(),
        ],
        onError: 'flag',
        onAbstain: 'flag',
        budgetMs: 60_000,
      },
    })
    const guard = createGuard({
      policy,
      memoEntries: 0,
      records: {
        append: async (body) => {
          if (body.kind === 'decision') bodies.push(body)
        },
      },
    })
    const figures: Figure[] = []
    try {
      await guard.warm()
      await guard.check({ stage: 'input', text: 'hello' })
      figures.push({ name: 'start/cold-to-first-verdict', value: performance.now() - started, unit: 'ms' })
      for (const tokens of [128, 2_000, 8_000]) {
        bodies.length = 0
        const delay = monitorEventLoopDelay({ resolution: 1 })
        delay.enable()
        const times = await Promise.all(
          Array.from({ length: AT_ONCE }, async (_, index) => {
            const begun = performance.now()
            await guard.check({ stage: 'input', text: textOf(tokens, index) })
            return performance.now() - begun
          }),
        )
        delay.disable()
        const outcomes = bodies.flatMap(({ parts }) => parts.flatMap((part) => Object.values(part.outcomes)))
        const overloaded = (outcome: Outcome) =>
          outcome.kind === 'failed' && outcome.code.endsWith('OVERLOADED')
        figures.push(
          { name: `load/event-loop-p99@${tokens}`, value: delay.percentile(99) / 1e6, unit: 'ms', most: 10 },
          { name: `load/latency-p50@${tokens}`, value: quantile(times, 0.5), unit: 'ms' },
          { name: `load/latency-p95@${tokens}`, value: quantile(times, 0.95), unit: 'ms' },
          { name: `load/overloaded@${tokens}`, value: share(outcomes, overloaded), unit: 'share' },
          {
            name: `load/abstained@${tokens}`,
            value: share(outcomes, ({ kind }) => kind === 'abstained'),
            unit: 'share',
          },
          {
            name: `load/failed@${tokens}`,
            value: share(outcomes, ({ kind }) => kind === 'failed'),
            unit: 'share',
          },
        )
      }
      const resident = host.status().residentBytes
      if (resident !== undefined)
        figures.push({ name: 'memory/host-with-every-model', value: resident / 1e6, unit: 'MB', most: 350 })
      return figures
    } finally {
      await guard.close()
      await host.close()
    }
  },
}
