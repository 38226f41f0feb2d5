import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import {
  createGuard,
  type Detector,
  definePolicy,
  type GateStep,
  type Guard,
  type LoadedDetector,
  type Measurement,
  when,
} from '../../src/index.ts'
import { SEED } from '../../src/testing/seed.ts'
import { chunks } from './chunks.ts'

/** A detector of marks in the text: `!` blocks, `#ab#` is a secret to cut, `?` throws. Logs what it was shown. */
function marks(seen: string[]): Detector<'bad' | 'secret'> {
  const loaded: LoadedDetector = {
    digest: 'sha256:marks',
    measure: async ({ text }): Promise<Measurement> => {
      seen.push(text)
      if (text.includes('?')) throw new Error('broken')
      const spans = [...text.matchAll(/#[a-c]{2}#/g)].map(({ index }) => ({
        label: 'secret',
        start: index,
        end: index + 4,
      }))
      return {
        kind: 'scored',
        scores: { bad: text.includes('!') ? 1 : 0, secret: spans.length > 0 ? 1 : 0 },
        spans,
      }
    },
  }
  return {
    descriptor: {
      id: 'marks',
      version: '1',
      labels: ['bad', 'secret'],
      options: {},
      coverage: {
        stages: ['input', 'output', 'reasoning', 'toolCall', 'toolResult'],
        languages: 'any',
        maxCharacters: 10_000,
      },
      tier: 'pattern',
      contextCharacters: 0,
      maxSpanCharacters: 4,
    },
    load: async () => loaded,
  }
}

function guardOf(
  windowCharacters: number | undefined,
  onError: 'block' | 'flag',
): { guard: Guard; seen: string[] } {
  const seen: string[] = []
  const detector = marks(seen)
  const policy = definePolicy({
    id: 'p',
    version: '1',
    output: {
      rules: [
        when(detector, 'bad').above(1).block(),
        when(detector, 'secret').found().redact({ replacement: '[cut]' }),
      ],
      onError,
      onAbstain: 'block',
      budgetMs: 1_000,
      release: windowCharacters === undefined ? 'whole' : { windowCharacters },
    },
  })
  return { guard: createGuard({ policy, memoEntries: 0 }), seen }
}

interface Seen {
  readonly text: string
  readonly kind: string
  readonly verdict: string
  readonly edits: string
}

async function stream(guard: Guard, pieces: readonly string[]): Promise<Seen> {
  const gate = guard.exchange({ messages: [{ role: 'user', content: 'hi' }] }).gate()
  let text = ''
  const take = (step: GateStep) => {
    for (const release of step.release) text += release.text
    return step
  }
  const run = async (): Promise<GateStep> => {
    for (const piece of pieces) {
      const step = take(await gate.push('t', 'output', piece))
      if (step.kind !== 'open') return step
    }
    const tail = take(await gate.endPart('t'))
    return tail.kind === 'open' ? take(await gate.end()) : tail
  }
  const end = await run()
  if (end.kind === 'open') throw new Error('the gate did not end')
  return { text, kind: end.kind, verdict: end.decision.verdict, edits: JSON.stringify(end.decision.edits) }
}

async function whole(guard: Guard, text: string): Promise<Seen> {
  const outcome = await guard
    .exchange({ messages: [{ role: 'user', content: 'hi' }] })
    .answer({ parts: [{ stage: 'output', text }] })
  const { decision } = outcome
  return {
    text: outcome.parts[0] ?? '',
    kind: outcome.kind === 'released' ? 'done' : outcome.kind,
    verdict: decision.verdict,
    edits: JSON.stringify(decision.edits),
  }
}

const answers = fc.string({
  unit: fc.constantFrom('a', 'b', ' ', '#', '#ab#', '😀', 'e\u0301', '\u200b', '!', '?', '<', '%41'),
  maxLength: 60,
})
const sizes = fc.option(fc.integer({ min: 8, max: 30 }), { nil: undefined })
const faults = fc.constantFrom<'block' | 'flag'>('block', 'flag')

describe('the stream gate', () => {
  it('gives the same decision and the same released text for every chunking, and for no streaming at all', async () => {
    await fc.assert(
      fc.asyncProperty(
        answers,
        sizes,
        faults,
        fc.array(fc.nat(), { maxLength: 12 }),
        async (text, size, onError, cuts) => {
          const { guard } = guardOf(size, onError)

          const streamed = await stream(guard, chunks(text, cuts))

          expect(streamed).toEqual(await whole(guard, text))
          expect(streamed).toEqual(await stream(guard, [...text]))
        },
      ),
      { seed: SEED, numRuns: 150 },
    )
  })

  it('releases nothing that was not shown to the detectors first', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.integer({ min: 0x4e00, max: 0x9fff }), { minLength: 1, maxLength: 120 }),
        sizes,
        fc.array(fc.nat(), { maxLength: 12 }),
        async (codes, size, cuts) => {
          const text = String.fromCharCode(...codes)
          const { guard, seen } = guardOf(size, 'block')
          const gate = guard.exchange({ messages: [] }).gate()

          for (const piece of chunks(text, cuts)) {
            const { release } = await gate.push('t', 'output', piece)
            const judged = new Set(seen.join(''))
            for (const released of release)
              for (const character of released.text) expect(judged.has(character)).toBe(true)
          }
        },
      ),
      { seed: SEED, numRuns: 100 },
    )
  })

  it('lets no character of a secret out, wherever windows and chunks cut it', async () => {
    const filler = fc.string({ unit: fc.constantFrom('x', 'y', ' '), maxLength: 40 })
    await fc.assert(
      fc.asyncProperty(
        filler,
        filler,
        fc.integer({ min: 8, max: 30 }),
        fc.array(fc.nat(), { maxLength: 12 }),
        async (before, after, size, cuts) => {
          const { guard } = guardOf(size, 'block')

          const { text } = await stream(guard, chunks(`${before}#ab#${after}`, cuts))

          expect(text).toBe(`${before}[cut]${after}`)
        },
      ),
      { seed: SEED, numRuns: 100 },
    )
  })

  it('lets no encoded or padded secret out either', async () => {
    const encode: Readonly<Record<string, (text: string) => string>> = {
      entities: (text) =>
        [...text].map((character) => `&#x${character.charCodeAt(0).toString(16)};`).join(''),
      percent: (text) => [...text].map((character) => `%${character.charCodeAt(0).toString(16)}`).join(''),
      'percent twice': (text) =>
        [...text].map((character) => `%25${character.charCodeAt(0).toString(16)}`).join(''),
      'entities twice': (text) =>
        [...text].map((character) => `&amp;#x${character.charCodeAt(0).toString(16)};`).join(''),
      'shorthand controls': (text) => [...text].join('\u{1bca0}'),
      'musical controls': (text) => [...text].join('\u{1d173}'),
      controls: (text) => [...text].join('\u0001'),
    }
    const filler = fc.string({ unit: fc.constantFrom('x', 'y', ' '), maxLength: 30 })
    await fc.assert(
      fc.asyncProperty(
        filler,
        filler,
        fc.constantFrom(...Object.keys(encode)),
        fc.array(fc.nat(), { maxLength: 12 }),
        async (before, after, name, cuts) => {
          const { guard } = guardOf(8, 'block')

          const { text } = await stream(guard, chunks(`${before}${encode[name]?.('#ab#')}${after}`, cuts))

          expect(text).toBe(`${before}[cut]${after}`)
        },
      ),
      { numRuns: 150 },
    )
  })

  it('releases nothing of a whole answer that is blocked, and nothing of a window that is', async () => {
    const wholeAnswer = await whole(guardOf(undefined, 'block').guard, `${'a'.repeat(100)}!`)
    const windows = await whole(guardOf(20, 'block').guard, `${'a'.repeat(100)}!`)

    expect(wholeAnswer).toMatchObject({ text: '', verdict: 'block' })
    expect(windows.verdict).toBe('block')
    expect(windows.text).toBe('a'.repeat(90))
  })

  it('ends an answer that outgrows the policy’s limit, at the same place for every chunking', async () => {
    const seen: string[] = []
    const detector = marks(seen)
    const policy = definePolicy({
      id: 'p',
      version: '1',
      output: {
        rules: [when(detector, 'bad').above(1).block()],
        onError: 'flag',
        onAbstain: 'flag',
        budgetMs: 1_000,
        release: { windowCharacters: 10 },
      },
      limits: { maxCharacters: 30 },
    })
    const guard = createGuard({ policy })

    const streamed = await stream(guard, [...'a'.repeat(50)])

    expect(streamed).toMatchObject({ kind: 'blocked', verdict: 'block' })
    expect(streamed).toEqual(await whole(guard, 'a'.repeat(50)))
  })
})
