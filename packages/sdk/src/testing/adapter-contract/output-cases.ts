import assert from 'node:assert/strict'
import { distinctText } from '../judged-log.ts'
import { SCRIPTED_WORDS } from '../scripted-policy.ts'
import type { AdapterContractCase, AdapterDriver } from './driver.ts'
import { assertFiltered, CANARY, casesOn, every } from './harness.ts'

const { block, secret, fail } = SCRIPTED_WORDS
const release = { windowCharacters: 40 }
const text = (content: string) => ({ parts: [{ kind: 'text' as const, text: content }] })

/** Text of the answer: released, edited, or ended. */
export function outputCases(driver: AdapterDriver): readonly AdapterContractCase[] {
  const { both, streamed } = casesOn(driver)
  const long = distinctText(200)
  return [
    ...both('redacts the answer', { script: text(`The key is ${secret}!`) }, async ({ ask }) => {
      const answer = await ask()

      assert.equal(answer.ending, 'finished')
      assert.equal(answer.text, 'The key is [cut]!')
      assert.ok(!answer.visible.includes(secret))
    }),

    ...both(
      'releases nothing of a whole answer that is blocked',
      { script: { ...text(`${CANARY} ${'a'.repeat(100)} ${block}`), sideText: CANARY } },
      async ({ ask, sink }) => {
        const answer = await ask()

        assertFiltered(answer, sink)
        assert.equal(answer.text, '')
      },
    ),

    ...both(
      'releases what stood before the window that blocked, and nothing after',
      { script: { ...text(`${long} ${block} ${CANARY}`), chunk: every(3) }, release },
      async ({ ask, sink }) => {
        const answer = await ask()

        assertFiltered(answer, sink)
        assert.ok(answer.text.length > 100, 'nothing was released before the block')
        assert.ok(long.startsWith(answer.text), 'what was released is no prefix of the answer')
      },
    ),

    streamed(
      'aborts the provider when the answer is blocked in mid-stream',
      { script: { ...text(`${'a'.repeat(50)} ${block} ${'b'.repeat(5_000)}`), chunk: every(5) }, release },
      async ({ ask, adapter }) => {
        await ask()

        assert.equal(adapter.upstream.aborted, true)
        assert.ok(adapter.upstream.delivered < 60, `${adapter.upstream.delivered} pieces were pulled`)
      },
    ),

    streamed(
      'lets nothing reach the caller before a detector was shown it',
      { script: { ...text(long), chunk: every(4) }, release },
      async ({ ask, log }) => {
        const pieces: string[] = []

        const answer = await ask(
          {},
          {
            onText: (_, piece) => {
              pieces.push(piece)
              assert.equal(log.unjudged(piece, 'output'), '')
            },
          },
        )

        assert.equal(answer.text, long)
        assert.ok(pieces.length > 5, `the answer came in ${pieces.length} pieces: it did not stream`)
      },
    ),

    ...both(
      'gives onError when a detector fails',
      { script: text(`${CANARY} ${fail}`) },
      async ({ ask, sink }) => {
        const answer = await ask()

        assertFiltered(answer, sink)
        assert.equal(answer.text, '')
      },
    ),

    ...both(
      'keeps the text out of every side door',
      { script: { ...text(`The key is ${secret}!`), sideText: secret } },
      async ({ ask }) => {
        const answer = await ask()

        assert.equal(answer.text, 'The key is [cut]!')
        assert.ok(!answer.visible.includes(secret), 'metadata, raw chunks or bodies repeat what was redacted')
      },
    ),
  ]
}
