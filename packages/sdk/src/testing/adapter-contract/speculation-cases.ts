import assert from 'node:assert/strict'
import type { StageDefinition } from '../../policy/define-policy.ts'
import { when } from '../../policy/when.ts'
import { scriptedDetector } from '../scripted-detector.ts'
import { SCRIPTED_WORDS, scriptedRules, wordDetector } from '../scripted-policy.ts'
import type { AdapterContractCase, AdapterDriver, UpstreamScript } from './driver.ts'
import { assertFault, assertFiltered, type BenchOptions, CANARY, casesOn, decideNext } from './harness.ts'

const { block, hold, secret } = SCRIPTED_WORDS
const user = (content: string) => ({ messages: [{ role: 'user' as const, content }] })
const hello: UpstreamScript = { parts: [{ kind: 'text', text: `Hello, ${secret}.` }] }
const long: UpstreamScript = { parts: [{ kind: 'text', text: `${CANARY} ${'a'.repeat(4_000)}` }] }

/** Input rules that block and hold once `until` has settled, and redact nothing. */
function speculating(script: UpstreamScript, until: () => Promise<unknown>): BenchOptions {
  const found = (text: string, word: string) => (text.includes(word) ? 1 : 0)
  const slow = scriptedDetector({
    id: 'slow',
    labels: ['block', 'hold'],
    script: async ({ text }) => {
      await until()
      return { kind: 'scored', scores: { block: found(text, block), hold: found(text, hold) } }
    },
  })
  const stage: StageDefinition = { rules: [], onError: 'block', onAbstain: 'flag', budgetMs: 5_000 }
  const review = { mode: 'hold', withinMs: 60_000, otherwise: 'block' } as const
  const input = [when(slow, 'block').above(0.5).block(), when(slow, 'hold').above(0.5).review(review)]
  return {
    script,
    speculate: true,
    policy: {
      input: { ...stage, rules: input },
      output: { ...stage, rules: scriptedRules(wordDetector()), release: { windowCharacters: 40 } },
    },
  }
}

/** Waits until the provider was called. Gives up after two seconds, so that a case fails and does not hang. */
async function called(prompts: () => number): Promise<void> {
  const until = Date.now() + 2_000
  while (prompts() === 0 && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 1))
}

/** What holds when the provider is asked beside the input rules. */
export function speculationCases(driver: AdapterDriver): readonly AdapterContractCase[] {
  const { speculation } = driver
  if (!speculation) return []
  const { both } = casesOn(driver)
  const started = () => {
    let upstream: { readonly prompts: readonly unknown[] } | undefined
    return {
      watch: (watched: { readonly prompts: readonly unknown[] }) => {
        upstream = watched
      },
      until: () => called(() => upstream?.prompts.length ?? 0),
    }
  }
  /** Cases whose input rules wait for the provider's call: they end only where it runs beside them. */
  const beside = (
    name: string,
    script: UpstreamScript,
    body: Parameters<typeof both>[2],
  ): AdapterContractCase[] => {
    const call = started()
    return both(`speculating: ${name}`, speculating(script, call.until), async (bench) => {
      call.watch(bench.adapter.upstream)
      await body(bench)
    })
  }

  return [
    ...beside('calls the provider before the request is decided', hello, async ({ ask, adapter, sink }) => {
      const seen: number[] = []

      const answer = await ask({}, { onText: () => void seen.push(sink.decisions.length) })

      assert.equal(answer.ending, 'finished')
      assert.equal(answer.text, 'Hello, [cut].')
      assert.equal(adapter.upstream.prompts.length, 1)
      assert.ok(!seen.includes(0), 'text reached the caller before the request was decided')
    }),

    ...beside('releases nothing and aborts the call when the request is blocked', long, async (bench) => {
      const answer = await bench.ask(user(block))

      assertFiltered(answer, bench.sink)
      assert.equal(answer.text, '')
      assert.equal(bench.adapter.upstream.prompts.length, 1)
      assert.equal(bench.adapter.upstream.aborted, true)
      assert.ok(bench.adapter.upstream.delivered < 60, 'the provider was read on')
    }),

    ...beside(
      'aborts the call when the request is held, and calls anew when it is approved',
      hello,
      async ({ ask, adapter, queue }) => {
        const answering = ask(user(hold))
        await decideNext(queue, 'approve')
        const answer = await answering

        assert.equal(answer.text, 'Hello, [cut].')
        assert.equal(adapter.upstream.prompts.length, 2)
        assert.equal(adapter.upstream.aborted, true)
      },
    ),

    ...beside(
      'says nothing of a provider that fails while the request is blocked',
      { ...long, end: 'error' },
      async ({ ask, sink }) => {
        assertFiltered(await ask(user(block)), sink)
      },
    ),

    ...both(
      'speculating: waits for the decision where the history may be redacted',
      speculating(hello, async () => undefined),
      async ({ ask, adapter, sink }) => {
        const history = [...user('Hi.').messages, { role: 'assistant' as const, content: `It is ${secret}.` }]

        const blocked = await ask({ messages: [...history, ...user(block).messages] })
        const passed = await ask({ messages: [...history, ...user('And?').messages] })

        assertFiltered(blocked, sink)
        assert.equal(passed.ending, 'finished')
        assert.equal(adapter.upstream.prompts.length, 1)
        assert.ok(!adapter.upstream.prompts[0]?.includes(secret), 'the provider read what a rule redacts')
      },
    ),

    ...(speculation.effects === 'refused'
      ? both(
          'speculating: refuses a request with effects at the provider',
          speculating(hello, async () => undefined),
          async ({ ask, adapter }) => {
            const answer = await ask({ effects: true })

            assert.equal(answer.ending, 'failed')
            assertFault(answer.error, 'PARAPET_GUARD_SPECULATION_REFUSED')
            assert.equal(adapter.upstream.prompts.length, 0)
          },
        )
      : []),
  ]
}
