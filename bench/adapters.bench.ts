import { guardMiddleware } from '@parapet/adapters/ai-sdk'
import { guardFunction } from '@parapet/adapters/function'
import { createGuard, type Detector, definePolicy, type Guard, when } from '@parapet/sdk'
import { CLIENT_ROWS } from './client-rows.ts'
import { type Bench, type Figure, median } from './figure.ts'

const CHUNKS = 2_000
const ROUNDS = 15
const PIECE = 'word '
const WINDOW = 200

/** A detector that answers after so many milliseconds, so that what is timed is the adapter. */
const detector = (id: string, delayMs: number): Detector<'bad'> => ({
  descriptor: {
    id,
    version: '1',
    labels: ['bad'],
    options: {},
    coverage: { stages: ['input', 'output'], languages: 'any', maxCharacters: 10_000_000 },
    tier: 'pattern',
    contextCharacters: 0,
    maxSpanCharacters: 100,
  },
  load: async () => ({
    digest: `sha256:${id}`,
    measure: async () => {
      if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs))
      return { kind: 'scored', scores: { bad: 0 } }
    },
  }),
})

function guardOf({ inputMs = 0, speculate = false } = {}): Guard {
  const stage = { onError: 'block', onAbstain: 'block', budgetMs: 60_000 } as const
  const rule = (of: Detector<'bad'>) => [when(of, 'bad').above(1).block()]
  return createGuard({
    policy: definePolicy({
      id: 'bench',
      version: '1',
      input: { ...stage, rules: rule(detector('input', inputMs)) },
      output: {
        ...stage,
        rules: rule(detector('output', 0)),
        release: { windowCharacters: WINDOW },
      },
    }),
    memoEntries: 0,
    speculate,
  })
}

type Middleware = ReturnType<typeof guardMiddleware>
type WrapStream = NonNullable<Middleware['wrapStream']>
type Call = Parameters<WrapStream>[0]
type Stream = Awaited<ReturnType<WrapStream>>['stream']

const texts = () => Array.from({ length: CHUNKS }, () => PIECE)

/** A provider that streams at once, as the AI SDK reads it. */
async function aiSdkUpstream(): Promise<{ stream: Stream }> {
  const parts = [
    { type: 'stream-start', warnings: [] },
    { type: 'text-start', id: '0' },
    ...texts().map((delta) => ({ type: 'text-delta', id: '0', delta })),
    { type: 'text-end', id: '0' },
    { type: 'finish', finishReason: { unified: 'stop', raw: undefined }, usage: {} },
  ]
  return { stream: ReadableStream.from(parts) as Stream }
}

const prompt = [{ role: 'user' as const, content: [{ type: 'text' as const, text: 'hi' }] }]

function aiSdkCall(guard: Guard) {
  const call = {
    params: { prompt },
    doStream: aiSdkUpstream,
    doGenerate: () => Promise.reject(new Error('unused')),
    model: { provider: 'bench', modelId: 'bench', doStream: aiSdkUpstream },
  }
  return guardMiddleware(guard).wrapStream?.(call as unknown as Call) as Promise<{ stream: Stream }>
}

async function* aiSdkTexts(answering: Promise<{ stream: Stream }>): AsyncGenerator<string> {
  for await (const part of (await answering).stream) if (part.type === 'text-delta') yield part.delta
}

async function* functionUpstream(): AsyncGenerator<string> {
  yield* texts()
}

async function* functionTexts(guard: Guard): AsyncGenerator<string> {
  const chat = guardFunction(guard, functionUpstream)
  for await (const event of chat.stream([{ role: 'user', content: 'hi' }]))
    if (event.kind === 'text') yield event.text
}

/** An adapter: the text of a bare call, and of a guarded one, over the same upstream. A new adapter adds its row here. */
interface AdapterRow {
  readonly name: string
  bare(): AsyncIterable<string>
  guarded(guard: Guard): AsyncIterable<string>
}

const ADAPTERS: readonly AdapterRow[] = [
  {
    name: 'ai-sdk',
    bare: () => aiSdkTexts(aiSdkUpstream()),
    guarded: (guard) => aiSdkTexts(aiSdkCall(guard)),
  },
  { name: 'function', bare: functionUpstream, guarded: functionTexts },
  ...CLIENT_ROWS.map(({ name, bare, guarded }) => ({
    name,
    bare: () => bare(texts()),
    guarded: (guard: Guard) => guarded(guard, texts()),
  })),
]

/** Milliseconds to the first text, and from there to the end of the answer. */
async function timed(stream: AsyncIterable<string>): Promise<{ first: number; rest: number }> {
  const started = performance.now()
  let first = Number.NaN
  let characters = 0
  for await (const text of stream) {
    if (characters === 0) first = performance.now()
    characters += text.length
  }
  if (characters !== CHUNKS * PIECE.length) throw new Error(`${characters} characters came`)
  return { first: first - started, rest: performance.now() - first }
}

async function measure({ name, bare, guarded }: AdapterRow): Promise<Figure[]> {
  const guard = guardOf()
  const first: number[] = []
  const rest: number[] = []
  for (let round = 0; round <= ROUNDS; round++) {
    // Side by side, so that what else the machine does reaches both.
    const before = await timed(bare())
    const after = await timed(guarded(guard))
    if (round === 0) continue
    first.push(after.first - before.first)
    rest.push((after.rest - before.rest) / CHUNKS)
  }
  await guard.close()
  return [
    { name: `adapters/${name}-first-text-added`, value: median(first), unit: 'ms' },
    { name: `adapters/${name}-per-piece-added`, value: median(rest) * 1_000, unit: 'µs' },
  ]
}

const DELAY_MS = 20

/** A provider and an input detector that take as long as each other: side by side they take about half. */
async function speculated(): Promise<Figure> {
  async function* slow(): AsyncGenerator<string> {
    await new Promise((resolve) => setTimeout(resolve, DELAY_MS))
    yield* texts()
  }
  const firstText = async (speculate: boolean): Promise<number> => {
    const guard = guardOf({ inputMs: DELAY_MS, speculate })
    const chat = guardFunction(guard, slow)
    const times: number[] = []
    for (let round = 0; round <= ROUNDS; round++) {
      const started = performance.now()
      for await (const event of chat.stream([{ role: 'user', content: 'hi' }]))
        if (event.kind === 'text') break
      if (round > 0) times.push(performance.now() - started)
    }
    await guard.close()
    return median(times)
  }
  const inOrder = await firstText(false)
  return {
    name: 'adapters/speculated-to-in-order',
    value: (await firstText(true)) / inOrder,
    unit: 'ratio',
    most: 0.8,
  }
}

/** What each adapter adds to the first text and to each piece of an answer, in windows of 200 characters. */
export const adaptersBench: Bench = {
  name: 'adapters',
  async run() {
    const figures: Figure[] = []
    for (const row of ADAPTERS) figures.push(...(await measure(row)))
    return [...figures, await speculated()]
  },
}
