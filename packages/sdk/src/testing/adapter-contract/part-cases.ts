import assert from 'node:assert/strict'
import { SCRIPTED_WORDS } from '../scripted-policy.ts'
import type { AdapterContractCase, AdapterDriver, UpstreamPart } from './driver.ts'
import { assertFault, assertFiltered, CANARY, casesOn, every } from './harness.ts'

const { block, secret } = SCRIPTED_WORDS
const release = { windowCharacters: 40 }
const script = (...parts: readonly UpstreamPart[]) => ({ script: { parts, chunk: every(3) } })
const call = (input: string): UpstreamPart => ({ kind: 'toolCall', id: 'c1', name: 'send', input })

/** Tool calls, results, reasoning, structured output, media: whatever is not plain text. */
export function partCases(driver: AdapterDriver): readonly AdapterContractCase[] {
  const { both } = casesOn(driver)
  const handles = (name: keyof typeof driver.capabilities) => driver.capabilities[name].handling
  const when = (holds: boolean, cases: () => readonly AdapterContractCase[]) => (holds ? cases() : [])
  return [
    ...when(handles('output.toolCall') === 'judged', () => [
      ...both(
        'judges the decoded arguments of a tool call and lets it pass',
        script(call('{"to":"ada","n":1}')),
        async ({ ask, log }) => {
          const answer = await ask()

          assert.equal(answer.ending, 'finished')
          assert.deepEqual(answer.toolCalls, [{ name: 'send', input: '{"to":"ada","n":1}' }])
          assert.deepEqual(log.texts('toolCall'), ['to\nada\nn\n1'])
        },
      ),
      ...both(
        'leaks nothing of a tool call that is blocked, however it is escaped',
        {
          // In one piece, so that a leak is seen whole.
          script: {
            parts: [call(`{"note":"${CANARY}","body":"BLOCK\\u002dME"}`)],
            chunk: (text: string) => [text],
          },
          release,
        },
        async ({ ask, sink }) => {
          const answer = await ask()

          assertFiltered(answer, sink)
          assert.deepEqual(answer.toolCalls, [])
        },
      ),
      ...both(
        'redacts arguments and leaves JSON',
        script(call(`{"body":"it is ${secret}","n":1}`)),
        async ({ ask }) => {
          const answer = await ask()

          assert.deepEqual(
            answer.toolCalls.map(({ input }) => JSON.parse(input)),
            [{ body: 'it is [cut]', n: 1 }],
          )
          assert.ok(!answer.visible.includes(secret))
        },
      ),
    ]),

    ...when(handles('output.toolResult') === 'judged', () =>
      both(
        'judges the result of a tool that the provider ran',
        script(call('{}'), { kind: 'toolResult', id: 'c1', name: 'send', result: `{"said":"${secret}"}` }),
        async ({ ask, log }) => {
          const answer = await ask()

          assert.deepEqual(
            answer.toolResults.map(({ result }) => JSON.parse(result)),
            [{ said: '[cut]' }],
          )
          assert.ok(!answer.visible.includes(secret))
          assert.deepEqual(log.texts('toolResult'), [`said\n${secret}`])
        },
      ),
    ),

    ...when(handles('output.reasoning') === 'judged', () => [
      ...both(
        'judges reasoning, and redacts it',
        script({ kind: 'reasoning', text: `Think of ${secret} now.` }, { kind: 'text', text: 'Done.' }),
        async ({ ask, log }) => {
          const answer = await ask()

          assert.equal(answer.reasoning, 'Think of [cut] now.')
          assert.equal(answer.text, 'Done.')
          assert.ok(log.texts('reasoning').length > 0)
        },
      ),
      ...both(
        'ends the answer where its reasoning is blocked',
        script({ kind: 'reasoning', text: `${CANARY} ${block}` }, { kind: 'text', text: `Done. ${CANARY}` }),
        async ({ ask, sink }) => {
          const answer = await ask()

          assertFiltered(answer, sink)
          assert.equal(answer.reasoning + answer.text, '')
        },
      ),
    ]),

    ...when(handles('output.signedReasoning') === 'judged', () => [
      ...both(
        'keeps the signature of reasoning that passes as it is',
        script(
          { kind: 'reasoning', text: 'Think well.', signature: 'sig-1' },
          { kind: 'text', text: 'Done.' },
        ),
        async ({ ask }) => {
          const answer = await ask()

          assert.equal(answer.reasoning, 'Think well.')
          assert.equal(answer.signed, true)
        },
      ),
      ...[{}, { release }].flatMap((how) =>
        both(
          `never edits signed reasoning: it ends before the edit, unsigned${'release' in how ? ' (windows)' : ''}`,
          {
            ...script(
              { kind: 'reasoning', text: `Think of ${secret} now.`, signature: 'sig-1' },
              { kind: 'text', text: 'Done.' },
            ),
            ...how,
          },
          async ({ ask }) => {
            const answer = await ask()

            assert.equal(answer.reasoning, 'Think of ')
            assert.equal(answer.signed, false)
            assert.equal(answer.text, 'Done.')
          },
        ),
      ),
    ]),

    ...when(handles('output.structured') === 'judged', () => [
      ...both(
        'judges structured output by its leaves, and leaves JSON',
        { ...script({ kind: 'text', text: `{"a":"SECRET\\u002d1234","b":[1,2]}` }), release },
        async ({ ask, log }) => {
          const answer = await ask({ structured: true })

          assert.deepEqual(JSON.parse(answer.text), { a: '[cut]', b: [1, 2] })
          assert.deepEqual(log.texts('output'), [`a\n${secret}\nb\n1\n2`])
        },
      ),
      ...both(
        'blocks structured output that no edit leaves valid',
        script({ kind: 'text', text: `{"${secret}":"${CANARY}"}` }),
        async ({ ask, sink }) => {
          const answer = await ask({ structured: true })

          assertFiltered(answer, sink)
          assert.equal(answer.text, '')
        },
      ),
    ]),

    ...when(handles('output.media') === 'abstains', () => [
      ...both(
        'lets media pass where onAbstain does',
        { ...script({ kind: 'media', mediaType: 'image/png' }), stage: { onAbstain: 'flag' } },
        async ({ ask }) => {
          const answer = await ask()

          assert.equal(answer.ending, 'finished')
          assert.deepEqual(answer.media, ['image/png'])
        },
      ),
      ...both(
        'ends the answer at media where onAbstain blocks',
        { ...script({ kind: 'media', mediaType: 'image/png' }), stage: { onAbstain: 'block' } },
        async ({ ask, sink }) => {
          const answer = await ask()

          assertFiltered(answer, sink)
          assert.deepEqual(answer.media, [])
        },
      ),
    ]),

    ...when(handles('output.sources') === 'judged', () =>
      both(
        'judges and redacts sources',
        script({ kind: 'source', url: 'https://example.com/a', title: `On ${secret}` }),
        async ({ ask }) => {
          const answer = await ask()

          assert.deepEqual(answer.sources, [{ url: 'https://example.com/a', title: 'On [cut]' }])
          assert.ok(!answer.visible.includes(secret))
        },
      ),
    ),

    ...when(handles('output.choices') === 'judged', () =>
      both(
        'judges every choice',
        {
          script: {
            parts: [{ kind: 'text', text: 'Fine.' }],
            choices: [[{ kind: 'text', text: `${CANARY} ${block}` }]],
          },
        },
        async ({ ask, sink }) => {
          const answer = await ask()

          assertFiltered(answer, sink)
          assert.ok(!answer.choices.some((choice) => choice.includes(CANARY)))
        },
      ),
    ),

    ...when(handles('output.unknown') === 'refused', () =>
      both(
        'refuses a part that it does not know',
        script({ kind: 'unknown', text: CANARY }),
        async (bench) => {
          const answer = await bench.ask()

          assert.equal(answer.ending, 'failed')
          assertFault(answer.error)
          assert.ok(!answer.visible.includes(CANARY))
        },
      ),
    ),
  ]
}
