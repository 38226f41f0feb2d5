import assert from 'node:assert/strict'
import { ParapetError } from '../../errors/parapet-error.ts'
import { SCRIPTED_WORDS } from '../scripted-policy.ts'
import type { AdapterContractCase, AdapterDriver } from './driver.ts'
import { assertFault, CANARY, casesOn, every } from './harness.ts'

const { hold } = SCRIPTED_WORDS
const release = { windowCharacters: 40 }
const text = (content: string) => ({ kind: 'text' as const, text: content })

/** What goes wrong around an answer: the caller leaves, the provider breaks, a record cannot be stored. */
export function faultCases(driver: AdapterDriver): readonly AdapterContractCase[] {
  const { both, streamed } = casesOn(driver)
  return [
    streamed(
      'aborts the provider and records what was judged when the caller goes away',
      { script: { parts: [text('a'.repeat(4_000))], chunk: every(5) }, release },
      async ({ ask, adapter, sink }) => {
        const answer = await ask({}, { leaveAfter: 2 })

        assert.equal(answer.ending, 'left')
        assert.equal(adapter.upstream.aborted, true)
        assert.ok(adapter.upstream.delivered < 60, `${adapter.upstream.delivered} pieces were pulled`)
        assert.equal(sink.decisions.at(-1)?.complete, false)
      },
    ),

    ...both(
      'stops waiting for a provider that stalls when the caller gives up',
      { script: { parts: [text('a'.repeat(100))], end: 'stall' } },
      async ({ ask, adapter }) => {
        const controller = new AbortController()
        setTimeout(() => controller.abort(), 20)

        const answer = await ask({ signal: controller.signal })

        assert.notEqual(answer.ending, 'finished')
        assert.equal(answer.text, '')
        assert.equal(adapter.upstream.aborted, true)
      },
    ),

    ...both(
      'passes an error of the provider on, and nothing that was held back',
      { script: { parts: [text(`${CANARY} ${'a'.repeat(100)}`)], end: 'error' } },
      async ({ ask, sink, mode }) => {
        const answer = await ask()

        assert.equal(answer.ending, 'failed')
        assert.equal(answer.text, '')
        assert.ok(!answer.visible.includes(CANARY))
        if (mode === 'stream') assert.equal(sink.decisions.at(-1)?.complete, false)
      },
    ),

    streamed(
      'fails, typed, when the provider’s stream ends too early',
      { script: { parts: [text(`${CANARY} ${'a'.repeat(100)}`)], end: 'early' } },
      async ({ ask, sink }) => {
        const answer = await ask()

        assert.equal(answer.ending, 'failed')
        assertFault(answer.error)
        assert.equal(answer.text, '')
        assert.equal(sink.decisions.at(-1)?.complete, false)
      },
    ),

    streamed(
      'never releases held text when the provider’s stream ends too early',
      {
        script: { parts: [text(`${'a'.repeat(80)} ${hold} ${CANARY}`)], end: 'early' },
        release,
      },
      async ({ ask, queue }) => {
        const answer = await ask()

        assert.match(answer.text, /^a*$/)
        assert.ok(!answer.visible.includes(CANARY))
        assert.equal((await queue.list()).items.length, 0)
      },
    ),

    ...both(
      'releases nothing that it cannot put on record',
      { script: { parts: [text('Hello.')] } },
      async ({ ask, sink }) => {
        sink.failWith(new ParapetError('PARAPET_RECORD_WRITE_FAILED', 'The disk is full.'))

        const answer = await ask()

        assert.equal(answer.ending, 'failed')
        assertFault(answer.error, 'PARAPET_RECORD_WRITE_FAILED')
        assert.equal(answer.text, '')
      },
    ),

    ...both(
      'keeps requests apart: one that is blocked blocks no other',
      { script: { parts: [text('Hello.')] } },
      async ({ ask }) => {
        const [blocked, passed] = await Promise.all([
          ask({ messages: [{ role: 'user', content: SCRIPTED_WORDS.block }] }),
          ask(),
        ])

        assert.equal(blocked.ending, 'filtered')
        assert.equal(passed.text, 'Hello.')
      },
    ),
  ]
}
