import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { refusalDirection } from '@parapet/detectors'
import { activationsHandler, servedRefusalDirection } from '@parapet/detectors/remote'
import { createModelHost, openModelFolder, resolveModelPackage } from '@parapet/runtime'
import { type Detector, measureOnce } from '@parapet/sdk'
import { type Bench, type Figure, median } from './figure.ts'
import { textOf } from './models.bench.ts'

const SENTINEL = '@parapet/model-sentinel'
const ROUNDS = 3
const NEW_TOKENS = 8
/** A busy machine makes figures noisy, and shall not end the run. */
const PATIENT = { loadTimeoutMs: 300_000, unresponsiveMs: 120_000 }

type Work = (round: number) => Promise<unknown>

/** Median milliseconds of two calls in turn, so that a noisy minute hits both; after a round to warm up. */
async function ratioOf(one: Work, other: Work): Promise<number> {
  const times: [number[], number[]] = [[], []]
  for (let round = -1; round < ROUNDS; round += 1)
    for (const [index, work] of [one, other].entries()) {
      const started = performance.now()
      await work(round)
      if (round >= 0) times[index]?.push(performance.now() - started)
    }
  return median(times[0]) / median(times[1])
}

async function measurer(detector: Detector): Promise<(text: string) => Promise<unknown>> {
  const loaded = await detector.load()
  return async (text) => {
    const measured = await measureOnce({ detector, loaded, stage: 'input', text })
    if (measured.kind !== 'scored') throw new Error(`measured nothing: ${measured.kind}`)
  }
}

/** A request that is read and answered by one model: on a host that keeps what it read, against one that does not. */
async function sharing(): Promise<Figure[]> {
  const hosts = [createModelHost({ ...PATIENT, sharedPrefillTokens: 2_048 }), createModelHost(PATIENT)]
  try {
    const folder = await openModelFolder(resolveModelPackage(SENTINEL), 'decoder')
    const [shared, apart] = await Promise.all(
      hosts.map(async (host, index) => {
        const model = host.decoder(folder)
        const measure = await measurer(refusalDirection({ host }))
        return async (content: string, maxNewTokens: number) => {
          await measure(content)
          const messages = [{ role: 'user' as const, content }]
          const { reusedTokens } = await model.generate({ messages, maxNewTokens }).finished
          if (reusedTokens > 0 !== (index === 0)) throw new Error('what was read is not what was measured')
        }
      }),
    )
    if (!shared || !apart) throw new Error('two hosts')
    const figures: Figure[] = []
    for (const tokens of [512])
      for (const written of [1, NEW_TOKENS]) {
        const text = (round: number) => textOf(Math.max(tokens - 30, 2), round)
        const value = await ratioOf(
          (round) => shared(text(round), written),
          (round) => apart(text(round), written),
        )
        figures.push({ name: `served/shared-against-apart@${tokens}+${written}`, value, unit: 'ratio' })
      }
    return figures
  } finally {
    await Promise.all(hosts.map((host) => host.close()))
  }
}

/** The same request read by HTTP from a server on this machine, against the same host without. */
async function overHttp(): Promise<Figure[]> {
  const host = createModelHost(PATIENT)
  const answer = activationsHandler({ weights: SENTINEL, host })
  async function handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const body: Buffer[] = []
    for await (const chunk of incoming) body.push(chunk as Buffer)
    const posted = incoming.method === 'POST' ? { body: Buffer.concat(body) } : {}
    const request = new Request('http://here/v1/activations', { method: incoming.method ?? 'GET', ...posted })
    const response = await answer(request)
    outgoing.writeHead(response.status, Object.fromEntries(response.headers))
    outgoing.end(Buffer.from(await response.arrayBuffer()))
  }
  const server = createServer((incoming, outgoing) => void handle(incoming, outgoing))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const patient = { timeoutMs: 60_000, cachedTexts: 0 }
    const served = await measurer(servedRefusalDirection({ url, weights: SENTINEL, ...patient }))
    const local = await measurer(refusalDirection({ host }))
    const figures: Figure[] = []
    for (const tokens of [128]) {
      const text = (round: number) => textOf(Math.max(tokens - 30, 2), round)
      const value = await ratioOf(
        (round) => served(text(round)),
        (round) => local(text(round)),
      )
      figures.push({ name: `served/http-against-local@${tokens}`, value, unit: 'ratio' })
    }
    return figures
  } finally {
    server.closeAllConnections()
    server.close()
    await host.close()
  }
}

/** What it saves to read the model that answers, and what it costs to read one over HTTP. */
export const servedBench: Bench = {
  name: 'served',
  async run() {
    return [...(await sharing()), ...(await overHttp())]
  },
}
