import assert from 'node:assert/strict'
import type { ReviewOptions } from '../../policy/when.ts'
import { SCRIPTED_MESSAGE, SCRIPTED_WORDS } from '../scripted-policy.ts'
import type { AdapterContractCase, AdapterDriver } from './driver.ts'
import { assertFiltered, CANARY, casesOn, decideNext } from './harness.ts'

const { hold, secret } = SCRIPTED_WORDS
const HELD = `${CANARY} ${hold}`
const hello = { parts: [{ kind: 'text' as const, text: 'Hello.' }] }
const answers = (text: string) => ({ parts: [{ kind: 'text' as const, text }] })
const asking = { messages: [{ role: 'user' as const, content: HELD }] }
const waits = (otherwise: 'allow' | 'block'): ReviewOptions => ({
  mode: 'hold',
  withinMs: 40,
  otherwise,
})
const defers: ReviewOptions = { mode: 'defer', withinMs: 60_000, otherwise: 'block' }

/** What a person decides: while the call waits, too late, or after it has got a ticket. */
export function holdCases(driver: AdapterDriver): readonly AdapterContractCase[] {
  const { both, streamed } = casesOn(driver)
  return [
    ...both('waits for a held request, and goes on when it is approved', { script: hello }, async (bench) => {
      const answering = bench.ask(asking)
      const ticket = await decideNext(bench.queue, 'approve')
      const answer = await answering

      assert.equal(answer.ending, 'finished')
      assert.equal(answer.text, 'Hello.')
      assert.equal(bench.adapter.upstream.prompts.length, 1)
      assert.ok(!answer.visible.includes(ticket))
    }),

    ...both('calls nobody with a held request that is rejected', { script: hello }, async (bench) => {
      const answering = bench.ask(asking)
      await decideNext(bench.queue, 'reject')

      assertFiltered(await answering, bench.sink)
      assert.equal(bench.adapter.upstream.prompts.length, 0)
    }),

    ...both(
      'waits for a held answer, and releases it edited when it is approved',
      { script: answers(`${HELD} and ${secret}`) },
      async (bench) => {
        const answering = bench.ask()
        await decideNext(bench.queue, 'approve')
        const answer = await answering

        assert.equal(answer.ending, 'finished')
        assert.equal(answer.text, `${HELD} and [cut]`)
      },
    ),

    streamed(
      'holds back the rest of a stream until a person has approved it',
      { script: answers(`${'a'.repeat(80)} ${hold} ${'b'.repeat(80)}`), release: { windowCharacters: 40 } },
      async (bench) => {
        const seen: string[] = []
        const answering = bench.ask({}, { onText: (_, piece) => void seen.push(piece) })
        const listed = async () => (await bench.queue.list()).items.length > 0
        while (!(await listed())) await new Promise((resolve) => setTimeout(resolve, 2))
        const before = seen.join('')
        await decideNext(bench.queue, 'approve')
        const answer = await answering

        assert.match(before, /^a+$/)
        assert.equal(answer.text, `${'a'.repeat(80)} ${hold} ${'b'.repeat(80)}`)
      },
    ),

    ...(['allow', 'block'] as const).flatMap((otherwise) =>
      both(
        `lets a held request that nobody decides ${otherwise === 'allow' ? 'pass' : 'go no further'}`,
        { script: hello, review: waits(otherwise) },
        async ({ ask, adapter, sink }) => {
          const answer = await ask(asking)

          if (otherwise === 'block') assertFiltered(answer, sink)
          else assert.equal(answer.ending, 'finished')
          assert.equal(adapter.upstream.prompts.length, otherwise === 'allow' ? 1 : 0)
        },
      ),
    ),

    ...(['allow', 'block'] as const).flatMap((otherwise) =>
      both(
        `${otherwise === 'allow' ? 'releases' : 'keeps back'} a held answer that nobody decides`,
        { script: answers(HELD), review: waits(otherwise) },
        async ({ ask, sink }) => {
          const answer = await ask()

          if (otherwise === 'block') assertFiltered(answer, sink)
          else assert.equal(answer.text, HELD)
        },
      ),
    ),

    ...both(
      'gives a ticket for a held request, and a grant that lifts it once',
      { script: hello, review: defers },
      async (bench) => {
        const first = await bench.ask(asking)
        assertFiltered(first, bench.sink)
        assert.ok(first.ticket !== undefined, 'the caller got no ticket')
        assert.equal((await bench.guard.resume(first.ticket)).kind, 'pending')

        await decideNext(bench.queue, 'approve')
        const resumed = await bench.guard.resume(first.ticket)
        assert.equal(resumed.kind, 'grant')
        const { grant } = resumed as { grant: string }
        const second = await bench.ask({ ...asking, grant })
        const third = await bench.ask({ ...asking, grant })

        assert.equal(second.ending, 'finished')
        assert.equal(second.text, 'Hello.')
        assert.equal(third.ending, 'failed', 'a grant was used twice')
        assert.equal(bench.adapter.upstream.prompts.length, 1)
      },
    ),

    ...both(
      'gives a ticket for a held answer, and the same answer each time it is resumed',
      { script: answers(`${HELD} ${secret}`), review: defers },
      async (bench) => {
        const answer = await bench.ask()
        assertFiltered(answer, bench.sink)
        assert.equal(answer.text, '')
        assert.equal(answer.message, SCRIPTED_MESSAGE)
        const ticket = answer.ticket ?? ''

        await decideNext(bench.queue, 'approve')
        const [once, twice] = [await bench.guard.resume(ticket), await bench.guard.resume(ticket)]

        assert.deepEqual(once, twice)
        assert.ok(once.kind === 'answer')
        const [part] = once.answer.parts
        assert.equal(part && 'text' in part ? part.text : undefined, `${HELD} [cut]`)
        assert.equal(bench.adapter.upstream.prompts.length, 1)
      },
    ),
  ]
}
