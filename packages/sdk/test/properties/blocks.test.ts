import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import {
  type AnswerPart,
  createGuard,
  definePolicy,
  type GateStep,
  type Guard,
  type StreamGate,
  when,
} from '../../src/index.ts'
import { replayDecision } from '../../src/record/replay.ts'
import { recordingSink } from '../../src/testing/recording-sink.ts'
import { SEED } from '../../src/testing/seed.ts'
import { scripted } from '../scripted.ts'
import { chunks } from './chunks.ts'

/** Blocks at `BOMB`, cuts `KEY-12`, wherever they stand; logs what it was shown. */
const marks = () =>
  scripted(
    ({ text }) => {
      const spans = [...text.matchAll(/KEY-\d\d/g)].map(({ index }) => ({
        label: 'bad',
        start: index,
        end: index + 6,
      }))
      return {
        kind: 'scored',
        scores: { bad: text.includes('BOMB') ? 1 : spans.length > 0 ? 0.5 : 0 },
        spans,
      }
    },
    { maxSpanCharacters: 6 },
  )

type Release = 'whole' | { readonly windowCharacters: number }

function guardOf(release: Release, reasoning: Release = release) {
  const detector = marks()
  const records = recordingSink()
  const stage = {
    rules: [
      when(detector, 'bad').above(1).block(),
      when(detector, 'bad').above(0.5).redact({ replacement: '[cut]' }),
    ],
    onError: 'block',
    onAbstain: 'flag',
    budgetMs: 5_000,
  } as const
  const policy = definePolicy({
    id: 'p',
    version: '1',
    output: { ...stage, release },
    reasoning: { ...stage, release: reasoning },
  })
  return { guard: createGuard({ policy, records, memoEntries: 0 }), detector, records, policy }
}

const gateOf = (guard: Guard) => guard.exchange({ messages: [{ role: 'user', content: 'hi' }] }).gate()

interface Seen {
  readonly texts: readonly string[]
  readonly ids: readonly string[]
  readonly kind: string
  readonly edits: unknown
}

/** Streams parts one after the other, texts in the pieces that `cut` gives. */
async function stream(
  gate: StreamGate,
  parts: readonly AnswerPart[],
  cut: (text: string) => readonly string[],
): Promise<Seen> {
  const texts = parts.map(() => '')
  const ids: string[] = []
  const take = (step: GateStep) => {
    for (const { id, text } of step.release) {
      texts[Number(id)] += text
      ids.push(id)
    }
    return step
  }
  async function* steps() {
    for (const [index, part] of parts.entries()) {
      const id = String(index)
      if ('media' in part || part.stage === 'toolCall' || part.stage === 'toolResult')
        yield gate.pushPart(id, part)
      else for (const piece of cut(part.text)) yield gate.push(id, part.stage, piece)
      yield gate.endPart(id)
    }
    yield gate.end()
  }
  for await (const step of steps()) {
    take(step)
    if (step.kind !== 'open')
      return {
        texts,
        ids,
        kind: step.kind,
        edits: step.decision.edits.map((edit) => ({ ...edit, rule: '' })),
      }
  }
  throw new Error('the gate did not end')
}

const text = (value: string): AnswerPart => ({ stage: 'output', text: value })
const call: AnswerPart = { stage: 'toolCall', toolName: 't', text: '{"a":1}', json: true }

const wholes = fc
  .array(
    fc.constantFrom('BOMB', 'BO', 'MB', 'KEY-12', 'KEY', '-1', '2', ' ', 'ok', 'é', '\u200b', '%41', '😀'),
    {
      minLength: 1,
      maxLength: 30,
    },
  )
  .map((words) => words.join(''))
const cuts = fc.array(fc.nat(), { maxLength: 6 })
const releases = fc.option(fc.integer({ min: 12, max: 40 }), { nil: undefined })
const releaseOf = (windowCharacters: number | undefined): Release =>
  windowCharacters === undefined ? 'whole' : { windowCharacters }

describe('an answer in blocks', () => {
  it('is decided like the same answer in one, and releases no more of it', async () => {
    await fc.assert(
      fc.asyncProperty(wholes, cuts, releases, async (whole, places, size) => {
        const { guard, records, policy } = guardOf(releaseOf(size))

        const one = await stream(gateOf(guard), [text(whole)], (all) => [all])
        const cut = await stream(gateOf(guard), chunks(whole, places).map(text), (all) => [all])

        expect(cut.kind).toBe(one.kind)
        const [released, before] = [cut.texts.join(''), one.texts.join('')]
        expect(before.startsWith(released)).toBe(true)
        if (one.kind === 'done') expect(released).toBe(before)
        for (const record of records.decisions) {
          const { edits, verdict, reasons } = record.decision
          const judgement = { edits, verdict, reasons }
          expect(replayDecision(record, policy.document)).toMatchObject({ exact: true, judgement })
        }
      }),
      { seed: SEED, numRuns: 60 },
    )
  })

  it('gives the same decision and the same texts in any chunks, and unstreamed', async () => {
    const part = fc.oneof(
      { weight: 4, arbitrary: wholes.map(text) },
      wholes.map((value): AnswerPart => ({ stage: 'reasoning', text: value })),
      fc.constant(call),
    )
    await fc.assert(
      fc.asyncProperty(
        fc.array(part, { minLength: 2, maxLength: 5 }),
        cuts,
        releases,
        releases,
        async (parts, places, size, reasoning) => {
          const { guard } = guardOf(releaseOf(size), releaseOf(reasoning))

          const streamed = await stream(gateOf(guard), parts, (all) => chunks(all, places))
          const bits = await stream(gateOf(guard), parts, (all) => all.split(''))
          const whole = await guard
            .exchange({ messages: [{ role: 'user', content: 'hi' }] })
            .answer({ parts })

          expect({ ...bits, ids: [] }).toEqual({ ...streamed, ids: [] })
          expect(whole.parts.map((released) => released ?? '')).toEqual(streamed.texts)
          expect(whole.kind === 'released' ? 'done' : whole.kind).toBe(streamed.kind)
          // No part begins to leave before what stands before it has left.
          expect(streamed.ids).toEqual([...streamed.ids].sort((a, b) => Number(a) - Number(b)))
        },
      ),
      { seed: SEED, numRuns: 60 },
    )
  })

  it('releases nothing that was not shown to the detectors first, alone and in its place', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.integer({ min: 0x4e00, max: 0x9fff }), { minLength: 2, maxLength: 90 }),
        cuts,
        fc.integer({ min: 12, max: 30 }),
        async (codes, places, size) => {
          const { guard, detector } = guardOf({ windowCharacters: size })
          const gate = gateOf(guard)
          const whole = String.fromCharCode(...codes)
          const blocks = chunks(whole, places)
          let released = ''
          const check = (step: GateStep) => {
            released += step.release.map(({ text: piece }) => piece).join('')
            expect(whole.startsWith(released)).toBe(true)
            // Two neighbours that are out were seen side by side, also where one block ends and the next begins.
            for (let at = 1; at < released.length; at++)
              expect(detector.asked.some((asked) => asked.includes(released.slice(at - 1, at + 1)))).toBe(
                true,
              )
          }
          for (const [index, block] of blocks.entries()) {
            for (const piece of chunks(block, [3, 7])) check(await gate.push(String(index), 'output', piece))
            check(await gate.endPart(String(index)))
          }
          check(await gate.end())
          expect(released).toBe(whole)
          for (const block of blocks.filter((each) => each.length <= size / 2))
            expect(detector.asked).toContain(block)
        },
      ),
      { seed: SEED, numRuns: 40 },
    )
  })
})

describe.each<readonly [string, Release]>([
  ['whole', 'whole'],
  ['in windows', { windowCharacters: 20 }],
])('released %s, what is cut in two where a block ends', (_, release) => {
  const one = (all: string) => [all]

  it.each<readonly [string, readonly AnswerPart[]]>([
    ['side by side', [text('how to build a BO'), text('MB')]],
    ['around a tool call', [text('how to build a BO'), call, text('MB')]],
    ['around an image', [text('how to build a BO'), { stage: 'output', media: 'image/png' }, text('MB')]],
    ['around reasoning', [text('how to build a BO'), { stage: 'reasoning', text: 'hm' }, text('MB')]],
    ['over four blocks', [text('a B'), text('O'), text('M'), text('B')]],
    [
      'in reasoning',
      [
        { stage: 'reasoning', text: 'a BO' },
        { stage: 'reasoning', text: 'MB' },
      ],
    ],
  ])('is found: %s', async (__, parts) => {
    const { guard } = guardOf(release)

    const { kind, texts } = await stream(gateOf(guard), parts, one)

    expect(kind).toBe('blocked')
    expect(texts.join('')).not.toContain('B')
  })

  it('is cut out of each block that holds a piece of it', async () => {
    const { guard, records } = guardOf(release)

    const { texts } = await stream(
      gateOf(guard),
      [text('the KEY'), call, text('-'), text(''), text('12, and KEY-34.')],
      one,
    )

    expect(texts).toEqual(['the [cut]', '{"a":1}', '', '', ', and [cut].'])
    expect(records.decisions[0]?.decision.edits.map(({ part, start, end }) => [part, start, end])).toEqual([
      [4, 8, 14],
      [5, 4, 10],
      [5, 16, 22],
    ])
    expect(records.decisions[0]?.parts.find(({ joins }) => joins)?.joins).toEqual({ first: 0, last: 4 })
  })

  it('is not sought in texts that are not read as one: other choices', async () => {
    const { guard } = guardOf(release)
    const gate = gateOf(guard)

    await gate.push('a', 'output', 'a BO', { joined: false })
    await gate.push('b', 'output', 'MB', { joined: false })
    const end = await gate.end()

    expect(end.kind).toBe('done')
  })

  it('is found in JSON that a reader puts together', async () => {
    const { guard } = guardOf(release)
    const gate = gateOf(guard)

    await gate.pushPart('a', { stage: 'output', text: '{"a":"a B\\u004f', json: true }, { joined: true })
    await gate.pushPart('b', { stage: 'output', text: 'MB"}', json: true }, { joined: true })

    expect((await gate.end()).kind).toBe('blocked')
  })
})

describe('released in windows, the end of a block', () => {
  it('waits for the next one, and everything after it too', async () => {
    const { guard } = guardOf({ windowCharacters: 20 })
    const gate = gateOf(guard)
    const ids = ({ release }: GateStep) =>
      [...Map.groupBy(release, ({ id }) => id)].map(([id, all]) => [
        id,
        all.map((each) => each.text).join(''),
      ])

    await gate.push('0', 'output', 'a'.repeat(25))
    const ended = await gate.endPart('0')
    const called = await gate.pushPart('1', call)
    const next = await gate.push('2', 'output', 'b'.repeat(26))

    expect(ids(ended)).toEqual([])
    expect(ids(called)).toEqual([])
    expect(ids(next)).toEqual([
      ['0', 'a'.repeat(15)],
      ['1', '{"a":1}'],
      ['2', 'b'.repeat(10)],
    ])
  })

  /**
   * Reasoning does not wait once the answer has begun, or the whole answer would wait with it. So the part of what a rule
   * finds that stands before the answer is out: of a span of n characters at most n - 1, and so less than half a window.
   */
  it('leaks, in reasoning alone, what of a span stands before the answer: here five characters', async () => {
    const { guard } = guardOf({ windowCharacters: 20 })
    const parts: AnswerPart[] = [
      { stage: 'reasoning', text: 'the KEY-1' },
      text('So.'),
      { stage: 'reasoning', text: '2 and more' },
    ]

    const { kind, texts } = await stream(gateOf(guard), parts, (all) => [all])

    expect(kind).toBe('done')
    expect(texts).toEqual(['the KEY-1', 'So.', ' and more'])
  })

  it('blocks, in reasoning around the answer, what follows the cut', async () => {
    const { guard } = guardOf({ windowCharacters: 20 })
    const parts: AnswerPart[] = [
      { stage: 'reasoning', text: 'a BO' },
      text('So.'),
      { stage: 'reasoning', text: 'MB and more' },
    ]

    const { kind, texts } = await stream(gateOf(guard), parts, (all) => [all])

    expect(kind).toBe('blocked')
    expect(texts).toEqual(['a BO', '', ''])
  })

  it('is released at once where nothing goes on with it', async () => {
    const { guard } = guardOf({ windowCharacters: 20 })
    const gate = gateOf(guard)

    await gate.push('0', 'output', 'short', { joined: false })

    expect((await gate.endPart('0')).release).toEqual([{ id: '0', text: 'short' }])
  })

  it('waits for its turn where two blocks are open at once, and is judged in the order in which they began', async () => {
    const { guard } = guardOf({ windowCharacters: 20 })
    const gate = gateOf(guard)

    await gate.push('0', 'output', 'how to build')
    await gate.push('1', 'output', 'MB')
    await gate.push('0', 'output', ' a BO')
    await gate.endPart('1')
    const step = await gate.endPart('0')
    const end = step.kind === 'open' ? await gate.end() : step

    expect(end.kind).toBe('blocked')
  })
})
