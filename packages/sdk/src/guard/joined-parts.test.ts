import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { scripted } from '../../test/scripted.ts'
import { createGuard, definePolicy, type MessageInput, memoryQueue, type Part, when } from '../index.ts'
import { replayDecision } from '../record/replay.ts'
import { recordingSink } from '../testing/recording-sink.ts'
import { scriptedPolicy } from '../testing/scripted-policy.ts'
import { editJoined, joinedParts } from './joined-parts.ts'
import { requestParts } from './request-parts.ts'

const text = (value: string): Part => ({ type: 'text', text: value })
const texts = (...values: string[]): readonly Part[] => values.map(text)
const result = (toolCallId: string, output: string, json = false): Part => ({
  type: 'tool-result',
  toolCallId,
  toolName: 'look',
  output,
  json,
})
const image: Part = { type: 'media', mediaType: 'image/png' }

async function ask(messages: readonly MessageInput[], policy = scriptedPolicy()) {
  const records = recordingSink()
  const guard = createGuard({ policy, records, queue: memoryQueue(), memoEntries: 0 })
  const passage = await guard.exchange({ messages }).input()
  const [record] = records.decisions
  if (!record) throw new Error('nothing was recorded')
  const parts = passage.kind === 'released' ? passage.content.flatMap((message) => message.parts) : []
  return { passage, record, policy, parts, released: parts.map((part) => ('text' in part ? part.text : '·')) }
}
const user = (parts: readonly Part[]): MessageInput[] => [{ role: 'user', content: parts }]

/** A text of words that a rule may know, and where it is cut: at the same place twice gives an empty part. */
const cutText = fc
  .array(fc.constantFrom('BLOCK-ME', 'BLOCK-', 'SECRET-1234', 'SECRET-', '12', ' ', 'ok', '𝄞'), {
    minLength: 1,
  })
  .map((words) => words.join(''))
  .chain((whole) =>
    fc
      .array(fc.nat({ max: whole.length }), { minLength: 1, maxLength: 6 })
      .map((cuts) => ({ whole, cuts: [0, ...cuts.sort((a, b) => a - b), whole.length] })),
  )

describe('texts side by side in a message', () => {
  it('are judged as the text that they are together, however it is cut', async () => {
    await fc.assert(
      fc.asyncProperty(cutText, async ({ whole, cuts }) => {
        const pieces = cuts.slice(1).map((end, index) => whole.slice(cuts[index], end))

        const uncut = await ask(user(texts(whole)))
        const cut = await ask(user(texts(...pieces)))

        expect(cut.passage.kind).toBe(uncut.passage.kind)
        expect(cut.record.decision.verdict).toBe(uncut.record.decision.verdict)
        expect(cut.released.join('')).toBe(uncut.released.join(''))
        expect(cut.record.parts.length).toBeLessThanOrEqual(pieces.length + 1)
        const { edits, verdict } = cut.record.decision
        expect(replayDecision(cut.record, cut.policy.document)).toMatchObject({
          kind: 'judged',
          exact: true,
          samePolicy: true,
          judgement: { edits, verdict },
        })
      }),
      { numRuns: 60 },
    )
  })

  it('have what is cut over several replaced in the first, and taken from the others', async () => {
    const { released } = await ask(user([...texts('my SECR', 'ET-', '', '1234, SECRET-9999', ' ok'), image]))

    expect(released).toEqual(['my [cut]', '', '', ', [cut]', ' ok', '·'])
  })

  it('are judged each alone, too: a neighbour hides no whole word', async () => {
    const wholeWord = scripted(({ text: read }) => ({
      kind: 'scored',
      scores: { bad: /\bbad\b/.test(read) ? 1 : 0 },
    }))
    const input = {
      rules: [when(wholeWord, 'bad').above(0.5).block()],
      onError: 'block',
      onAbstain: 'flag',
      budgetMs: 1_000,
    } as const

    const { passage } = await ask(
      user(texts('x', 'bad', 'y')),
      definePolicy({ id: 'p', version: '1', input }),
    )

    expect(passage.kind).toBe('blocked')
    expect(wholeWord.asked.sort()).toEqual(['bad', 'x', 'xbady', 'y'])
  })

  it('stand in the record by their own numbers, and joined after them', async () => {
    const { record, policy } = await ask([
      { role: 'user', content: texts('SECRET-', '', '1234') },
      { role: 'user', content: [text('a'), image, text('b'), text('c')] },
    ])

    expect(record.parts.map(({ part, characters, joins }) => [part, characters, joins])).toEqual([
      [0, 7, undefined],
      [1, 4, undefined],
      [2, 1, undefined],
      [3, 0, undefined],
      [4, 1, undefined],
      [5, 1, undefined],
      [6, 11, { first: 0, last: 1 }],
      [7, 2, { first: 4, last: 5 }],
    ])
    expect(record.decision.edits).toMatchObject([{ part: 6, start: 0, end: 11 }])
    // The texts hold 14 characters, though some of them were judged twice.
    const other = { ...policy.document, version: '2', limits: { maxCharacters: 14 } }
    expect(replayDecision(record, other)).toMatchObject({ kind: 'judged', exact: true, samePolicy: false })
    const shorter = { ...other, limits: { maxCharacters: 13 } }
    expect(replayDecision(record, shorter)).toMatchObject({ kind: 'unanswerable' })
  })

  it('count once towards the limit', async () => {
    const policy = scriptedPolicy({ policy: { limits: { maxCharacters: 8 } } })

    const within = await ask(user(texts('good', ' day')), policy)
    const beyond = await ask(user(texts('good', ' days')), policy)

    expect([within.passage.kind, beyond.passage.kind]).toEqual(['released', 'blocked'])
  })

  it.each<readonly [string, MessageInput[], 'released' | 'blocked']>([
    [
      'texts of one tool’s result',
      [{ role: 'tool', content: [result('a', 'BLOCK-'), result('a', 'ME')] }],
      'blocked',
    ],
    [
      'results of two calls',
      [{ role: 'tool', content: [result('a', 'BLOCK-'), result('b', 'ME')] }],
      'released',
    ],
    ['JSON', [{ role: 'tool', content: [result('a', 'BLOCK-'), result('a', '"ME"', true)] }], 'released'],
    ['texts around an image', user([text('BLOCK-'), image, text('ME')]), 'released'],
    ['two messages', [...user(texts('BLOCK-')), ...user(texts('ME'))], 'released'],
    [
      'what an assistant is said to have said',
      [{ role: 'assistant', content: texts('BLOCK-', 'ME') }],
      'blocked',
    ],
    [
      'an assistant’s text and its reasoning',
      [{ role: 'assistant', content: [text('BLOCK-'), { type: 'reasoning', text: 'ME' }] }],
      'released',
    ],
  ])('are those of one message and stage, with nothing between: %s', async (_, messages, kind) => {
    expect((await ask(messages)).passage.kind).toBe(kind)
  })

  it('are edited at a cost that grows with the texts and the edits, not with their product', () => {
    const count = 100_000
    const parts = requestParts([{ role: 'user', parts: Array.from({ length: count }, () => text('ab')) }])
    const [joined] = joinedParts(parts)
    if (!joined) throw new Error('nothing was joined')
    // From the second letter of every other part to the first of the next.
    const ofJoined = Array.from({ length: count / 2 }, (_, index) => ({
      start: 4 * index + 1,
      end: 4 * index + 3,
      replacement: '-',
    }))

    const edited = editJoined(joined, parts, { ofJoined, ofPart: () => [] })

    expect([...edited.values()].join('')).toBe('a-b'.repeat(count / 2))
    expect([edited.get(0), edited.get(1)]).toEqual(['a-', 'b'])
  })

  it('are read in windows where their stage is, and edited where they stand', async () => {
    const policy = scriptedPolicy({ release: { windowCharacters: 24 } })
    const filler = 'word '.repeat(20)

    const { released } = await ask(
      [{ role: 'assistant', content: texts(`${filler}SECRET`, `-1234 ${filler}`) }],
      policy,
    )

    expect(released).toEqual([`${filler}[cut]`, ` ${filler}`])
  })
})
