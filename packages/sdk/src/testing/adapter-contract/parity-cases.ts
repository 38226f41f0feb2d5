import assert from 'node:assert/strict'
import fc from 'fast-check'
import { SEED } from '../seed.ts'
import type { AdapterContractCase, AdapterDriver, ContractAnswer, UpstreamPart } from './driver.ts'
import { type Mode, openBench } from './harness.ts'

const words = fc.string({
  unit: fc.constantFrom(
    'a',
    ' ',
    'é',
    '😀',
    '\u200b',
    '\ud83d',
    'SECRET-1234',
    'SECRET-',
    '1234',
    'BLOCK',
    '-ME',
    'FAIL-ME',
    '%41',
  ),
  maxLength: 40,
})
const releases = fc.option(fc.integer({ min: 22, max: 60 }), { nil: undefined })
const cuts = fc.array(fc.nat(), { maxLength: 12 })

function cutAt(places: readonly number[]) {
  return (text: string): string[] => {
    const sorted = [...new Set([0, ...places.map((place) => place % (text.length + 1)), text.length])]
    sorted.sort((a, b) => a - b)
    return sorted.slice(1).map((place, index) => text.slice(sorted[index], place))
  }
}

/** Any text and any chunking gives the decision, and the text, that the unstreamed answer gives. */
export function parityCases(driver: AdapterDriver): readonly AdapterContractCase[] {
  const handles = (name: keyof typeof driver.capabilities) => driver.capabilities[name].handling === 'judged'
  const part: fc.Arbitrary<UpstreamPart> = fc.oneof(
    { weight: 4, arbitrary: words.map((text) => ({ kind: 'text' as const, text })) },
    ...(handles('output.reasoning')
      ? [
          words.map((text) => ({ kind: 'reasoning' as const, text })),
          ...(handles('output.signedReasoning')
            ? [words.map((text) => ({ kind: 'reasoning' as const, text, signature: 'sig' }))]
            : []),
        ]
      : []),
    ...(handles('output.toolCall')
      ? [
          words.map((text) => ({
            kind: 'toolCall' as const,
            id: 'c1',
            name: 'send',
            input: JSON.stringify({ text: text.toWellFormed() }),
          })),
        ]
      : []),
  )
  // A tool call is the last thing of an answer, and its id is its own.
  const parts = fc
    .array(part, { minLength: 1, maxLength: 4 })
    .map((all) => all.filter(({ kind }, index) => kind !== 'toolCall' || index === all.length - 1))

  const ask = async (
    mode: Mode,
    script: { parts: readonly UpstreamPart[]; chunk?: (text: string) => readonly string[] },
    windowCharacters: number | undefined,
  ) => {
    const release = windowCharacters === undefined ? ('whole' as const) : { windowCharacters }
    const bench = openBench(driver, { script, release }, mode)
    const answer = await bench.ask()
    const record = bench.sink.find(answer.decisionId ?? '')
    assert.ok(record, 'the answer names no recorded decision')
    await bench.guard.close()
    await bench.queue.close()
    const { verdict, edits, duties, reasons } = record.decision
    return { released: released(answer), decision: { verdict, edits, duties, reasons } }
  }

  return [
    {
      name: 'gives the same decision and the same released text streamed, in any chunks, and unstreamed',
      run: () =>
        fc.assert(
          fc.asyncProperty(parts, releases, cuts, async (all, windowCharacters, places) => {
            const unstreamed = await ask('generate', { parts: all }, windowCharacters)
            const streamed = await ask('stream', { parts: all, chunk: cutAt(places) }, windowCharacters)

            assert.deepEqual(streamed, unstreamed)
          }),
          { seed: SEED, numRuns: 150 },
        ),
    },
    {
      name: 'decides an answer in blocks like the same answer in one, and releases no more of it',
      run: () =>
        fc.assert(
          fc.asyncProperty(words, releases, cuts, fc.nat(), async (text, windowCharacters, places, at) => {
            const pieces = cutAt(places)(text).map((piece): UpstreamPart => ({ kind: 'text', text: piece }))
            const thought: UpstreamPart = { kind: 'reasoning', text: 'hm' }
            // What stands between two blocks parts them for no reader.
            const place = at % (pieces.length + 1)
            const blocks = handles('output.reasoning') ? pieces.toSpliced(place, 0, thought) : pieces

            const one = await ask('generate', { parts: [{ kind: 'text', text }] }, windowCharacters)
            for (const mode of ['generate', 'stream'] as const) {
              const cut = await ask(mode, { parts: blocks, chunk: cutAt(places) }, windowCharacters)

              assert.equal(cut.decision.verdict, one.decision.verdict)
              assert.equal(cut.released.ending, one.released.ending)
              assert.ok(
                one.released.text.startsWith(cut.released.text),
                'more was released than of one block',
              )
              if (one.released.ending === 'finished') assert.equal(cut.released.text, one.released.text)
            }
          }),
          { seed: SEED, numRuns: 60 },
        ),
    },
  ]
}

/** What of an answer the caller got. */
function released({ text, reasoning, signed, toolCalls, ending, message }: ContractAnswer) {
  return { text, reasoning, signed, toolCalls, ending, message }
}
