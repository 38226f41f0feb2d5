import assert from 'node:assert/strict'
import { when } from '../../policy/when.ts'
import { SCRIPTED_REPLACEMENT, SCRIPTED_WORDS, wordDetector } from '../scripted-policy.ts'
import type { AdapterContractCase, AdapterDriver } from './driver.ts'
import { assertFiltered, CANARY, casesOn } from './harness.ts'

const { block, secret, fail } = SCRIPTED_WORDS
const hello = { script: { parts: [{ kind: 'text', text: 'Hello.' }] } } as const
const STAGE = { onError: 'block', onAbstain: 'flag', budgetMs: 2_000 } as const
const user = (content: string) => ({ messages: [{ role: 'user' as const, content }] })

/** What is judged before the provider is called. */
export function inputCases(driver: AdapterDriver): readonly AdapterContractCase[] {
  const { both } = casesOn(driver)
  const media = driver.capabilities['input.media'].handling === 'abstains'
  return [
    ...both('lets a request and its answer pass', hello, async ({ ask, adapter, sink }) => {
      const answer = await ask(user('Good morning.'))

      assert.equal(answer.ending, 'finished')
      assert.equal(answer.text, 'Hello.')
      assert.equal(answer.message, undefined)
      assert.equal(answer.ticket, undefined)
      assert.match(adapter.upstream.prompts[0] ?? '', /Good morning\./)
      assert.equal(sink.find(answer.decisionId ?? '')?.decision.verdict, 'allow')
    }),

    ...both('calls nobody with a request that is blocked', hello, async ({ ask, adapter, sink }) => {
      const answer = await ask(user(`${CANARY} ${block}`))

      assertFiltered(answer, sink)
      assert.equal(answer.text, '')
      assert.equal(answer.ticket, undefined)
      assert.equal(adapter.upstream.prompts.length, 0)
    }),

    ...both(
      'blocks where a rule steers: what is behind an adapter can not be steered',
      { ...hello, policy: { input: { ...STAGE, rules: [when(wordDetector(), 'block').found().steer()] } } },
      async ({ ask, adapter, sink }) => {
        const answer = await ask(user(`${CANARY} ${block}`))

        assertFiltered(answer, sink)
        assert.equal(adapter.upstream.prompts.length, 0)
        assert.equal(sink.find(answer.decisionId ?? '')?.decision.effective, 'block')
      },
    ),

    ...both('calls the provider with the edited request', hello, async ({ ask, adapter }) => {
      const answer = await ask(user(`My key is ${secret}, keep it.`))

      assert.equal(answer.ending, 'finished')
      assert.match(adapter.upstream.prompts[0] ?? '', /My key is \[cut\], keep it\./)
      assert.ok(!adapter.upstream.prompts[0]?.includes(secret))
    }),

    ...both('judges texts side by side in a message as one', hello, async ({ ask, adapter, sink }) => {
      const cut = (...texts: string[]) => ({
        messages: [
          { role: 'user' as const, content: texts.map((text) => ({ type: 'text' as const, text })) },
        ],
      })

      const passed = await ask(cut(`Keep ${secret.slice(0, 9)}`, `${secret.slice(9)}, please.`))
      const blocked = await ask(cut(`${CANARY} ${block.slice(0, 3)}`, block.slice(3)))

      assert.equal(passed.ending, 'finished')
      const [prompt = ''] = adapter.upstream.prompts
      assert.ok(prompt.includes(`Keep ${SCRIPTED_REPLACEMENT}`), 'the provider did not read what was left')
      assert.ok(!prompt.includes(secret.slice(9)), 'the provider read the rest of what a rule redacts')
      assertFiltered(blocked, sink)
      assert.equal(adapter.upstream.prompts.length, 1)
    }),

    ...both('judges what tools returned and what the history says', hello, async ({ ask, adapter, sink }) => {
      const call = {
        type: 'tool-call',
        toolCallId: 'c1',
        toolName: 'look',
        input: `{"q":"${secret}"}`,
      } as const
      const result = { type: 'tool-result', toolCallId: 'c1', toolName: 'look', json: true } as const
      const history = (output: string) => ({
        messages: [
          { role: 'user' as const, content: 'Look it up.' },
          {
            role: 'assistant' as const,
            content: [{ type: 'text' as const, text: `Sure, ${secret}.` }, call],
          },
          { role: 'tool' as const, content: [{ ...result, output }] },
        ],
      })

      const passed = await ask(history(`{"found":"${secret}"}`))
      const blocked = await ask(history(`{"found":"BLOCK\\u002dME"}`))

      assert.equal(passed.ending, 'finished')
      const [prompt = ''] = adapter.upstream.prompts
      assert.ok(!prompt.includes(secret), 'the provider read what a rule redacts')
      assert.equal(prompt.split(SCRIPTED_REPLACEMENT).length, 4)
      assertFiltered(blocked, sink)
      assert.equal(adapter.upstream.prompts.length, 1)
    }),

    ...both('gives onError when a detector fails, and says no more of it', hello, async (bench) => {
      const answer = await bench.ask(user(`${CANARY} ${fail}`))

      assertFiltered(answer, bench.sink)
      assert.equal(bench.adapter.upstream.prompts.length, 0)
    }),

    ...(media
      ? both(
          'gives onAbstain for media in the request',
          { ...hello, stage: { onAbstain: 'block' } },
          async ({ ask, adapter, sink }) => {
            const answer = await ask({
              messages: [{ role: 'user', content: [{ type: 'media', mediaType: 'image/png' }] }],
            })

            assertFiltered(answer, sink)
            assert.equal(adapter.upstream.prompts.length, 0)
          },
        )
      : []),
  ]
}
