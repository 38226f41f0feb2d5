import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { serve } from '@parapet/adapters/server'
import { createGuard, type Detector, definePolicy, when } from '@parapet/sdk'
import { type Bench, type Figure, median, quantile } from './figure.ts'

const CONNECTIONS = [1, 16, 64]
const REQUESTS = 300
const ROUNDS = 5

/** A detector that answers at once, so that what is timed is the server. */
const instant: Detector<'bad'> = {
  descriptor: {
    id: 'instant',
    version: '1',
    labels: ['bad'],
    options: {},
    coverage: { stages: ['input', 'output'], languages: 'any', maxCharacters: 10_000_000 },
    tier: 'pattern',
    contextCharacters: 0,
    maxSpanCharacters: 100,
  },
  load: async () => ({
    digest: 'sha256:instant',
    measure: async () => ({ kind: 'scored', scores: { bad: 0 } }),
  }),
}

const answer = JSON.stringify({
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1,
  model: 'm',
  choices: [
    {
      index: 0,
      message: { role: 'assistant', content: 'word '.repeat(100) },
      finish_reason: 'stop',
      logprobs: null,
    },
  ],
  usage: { prompt_tokens: 10, completion_tokens: 100, total_tokens: 110 },
})

/** An upstream that answers at once, as real ones do not: what is added stands out. */
async function openUpstream() {
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': answer.length })
      response.end(answer)
    })
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const close = () => {
    server.close()
    server.closeAllConnections()
  }
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, close }
}

async function ask(base: string, index: number): Promise<void> {
  const messages = [{ role: 'user', content: `Question ${index}: ${'what '.repeat(50)}` }]
  const response = await fetch(`${base}/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'm', messages }),
  })
  if (!response.ok) throw new Error(`The server answered ${response.status}.`)
  await response.arrayBuffer()
}

/** Milliseconds of each of `REQUESTS` requests over so many connections, processor time of each, and how many a second went through. */
async function load(base: string, connections: number) {
  const times: number[] = []
  let next = 0
  const begun = performance.now()
  const before = process.cpuUsage()
  const caller = async () => {
    while (next < REQUESTS) {
      const index = next++
      const started = performance.now()
      await ask(base, index)
      times.push(performance.now() - started)
    }
  }
  await Promise.all(Array.from({ length: connections }, caller))
  const { user, system } = process.cpuUsage(before)
  return {
    times,
    cpuMs: (user + system) / 1_000 / REQUESTS,
    perSecond: (REQUESTS * 1_000) / (performance.now() - begun),
  }
}

/**
 * Chat completions through `serve` against the bare upstream, in one process, round by round in turn: what a request gains
 * in time, and what the server carries. All three share one thread, so the ratios are worse than those of machines of their own.
 */
export const serveBench: Bench = {
  name: 'serve',
  async run() {
    const stage = {
      rules: [when(instant, 'bad').above(1).block()],
      onError: 'block',
      onAbstain: 'block',
      budgetMs: 60_000,
    } as const
    const policy = definePolicy({ id: 'bench', version: '1', input: stage, output: stage })
    const guard = createGuard({ policy, memoEntries: 0 })
    const upstream = await openUpstream()
    const server = await serve(guard, { port: 0, maxConcurrent: 256, upstream: { url: upstream.url } })
    const figures: Figure[] = []
    try {
      for (const connections of CONNECTIONS) {
        const bare: Awaited<ReturnType<typeof load>>[] = []
        const served: Awaited<ReturnType<typeof load>>[] = []
        await load(upstream.url, connections)
        await load(`${server.url}/v1`, connections)
        for (let round = 0; round < ROUNDS; round++) {
          bare.push(await load(upstream.url, connections))
          served.push(await load(`${server.url}/v1`, connections))
        }
        const time = (loads: typeof bare, q: number) =>
          quantile(
            loads.flatMap(({ times }) => times),
            q,
          )
        const cpu = (loads: typeof bare) => median(loads.map(({ cpuMs }) => cpuMs))
        figures.push(
          {
            name: `serve/p50-against-upstream@${connections}`,
            value: time(served, 0.5) / time(bare, 0.5),
            unit: 'ratio',
          },
          {
            name: `serve/p99-against-upstream@${connections}`,
            value: time(served, 0.99) / time(bare, 0.99),
            unit: 'ratio',
          },
          {
            name: `serve/cpu-against-upstream@${connections}`,
            value: cpu(served) / cpu(bare),
            unit: 'ratio',
          },
          { name: `serve/cpu-added@${connections}`, value: cpu(served) - cpu(bare), unit: 'ms' },
          {
            name: `serve/requests@${connections}`,
            value: median(served.map(({ perSecond }) => perSecond)),
            unit: 'per second',
          },
        )
      }
      return figures
    } finally {
      await server.close()
      upstream.close()
      await guard.close()
    }
  },
}
