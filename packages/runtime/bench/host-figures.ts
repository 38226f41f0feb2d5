import { monitorEventLoopDelay } from 'node:perf_hooks'
import {
  type DecoderModel,
  type EncoderModel,
  isRuntimeError,
  type ModelHost,
  type ReadSite,
} from '@parapet/runtime'

/** Milliseconds: median and 95th percentile. */
export interface Spread {
  readonly p50: number
  readonly p95: number
  readonly n: number
}

export function spreadOf(times: readonly number[]): Spread {
  const sorted = [...times].sort((a, b) => a - b)
  const at = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN
  return { p50: at(0.5), p95: at(0.95), n: sorted.length }
}

/** Times work, once after another, after one run that is not counted. */
export async function timed(runs: number, work: () => Promise<unknown>): Promise<Spread> {
  await work()
  const times: number[] = []
  for (let run = 0; run < runs; run += 1) {
    const start = performance.now()
    await work()
    times.push(performance.now() - start)
  }
  return spreadOf(times)
}

/** What the app's event loop and its requests see while `work` is asked for many times at once. */
export interface LoadFigures {
  /** Milliseconds of delay of the event loop, the sampling interval of 1 ms taken off. */
  readonly loopDelayP99: number
  readonly loopDelayMax: number
  readonly latency: Spread
  readonly overloaded: number
  readonly tooLong: number
}

/** Asks `requests` times at once and watches the event loop meanwhile. */
export async function underLoad(
  requests: number,
  work: (request: number) => Promise<{ kind: string }>,
): Promise<LoadFigures> {
  const delay = monitorEventLoopDelay({ resolution: 1 })
  const times: number[] = []
  let overloaded = 0
  let tooLong = 0
  delay.enable()
  await Promise.all(
    Array.from({ length: requests }, async (_, request) => {
      const start = performance.now()
      try {
        const { kind } = await work(request)
        if (kind === 'too-long') tooLong += 1
        times.push(performance.now() - start)
      } catch (error) {
        if (!isRuntimeError(error) || error.code !== 'PARAPET_RUNTIME_OVERLOADED') throw error
        overloaded += 1
      }
    }),
  )
  delay.disable()
  const off = (nanoseconds: number) => Math.max(0, nanoseconds / 1e6 - 1)
  return {
    loopDelayP99: off(delay.percentile(99)),
    loopDelayMax: off(delay.max),
    latency: spreadOf(times),
    overloaded,
    tooLong,
  }
}

/** A text of about so many tokens, different for each number. */
export function textOf(tokens: number, number = 0): string {
  const words = ['bread', 'river', 'stone', 'cloud', 'paper', 'light', 'music', 'garden']
  return Array.from({ length: tokens }, (_, index) => words[(index * 7 + number) % words.length]).join(' ')
}

/** One reading of a decoder's prompt of about so many tokens. */
export function readPrompt(decoder: DecoderModel, sites: readonly ReadSite[], tokens: number, number = 0) {
  return decoder.read({ messages: [{ role: 'user', content: textOf(tokens, number) }], sites })
}

/** One reading of a text of about so many tokens by an encoder. */
export async function readText(encoder: EncoderModel, tokens: number, number = 0): Promise<{ kind: string }> {
  const [reading] = await encoder.read({ texts: [textOf(tokens, number)] })
  return reading ?? { kind: 'none' }
}

/** A full pass over the same prompt: the whole graph, its head on the last position only, and one token. */
export async function fullPass(decoder: DecoderModel, tokens: number): Promise<void> {
  await decoder.generate({ messages: [{ role: 'user', content: textOf(tokens) }], maxNewTokens: 1 }).finished
}

/** Megabytes that the host's process holds. */
export function residentMb(host: ModelHost): number {
  return Math.round((host.status().residentBytes ?? 0) / 1e6)
}
