import { describe, expect, it } from '@jest/globals'
import {
  SCRIPTED_MESSAGE,
  SCRIPTED_WORDS,
  scriptedPolicy,
  scriptedRules,
  wordDetector,
} from '@parapet/sdk/testing'
import { KEY, serverUnderTest } from './server-under-test.ts'

const PATH = '/beta/litellm_basic_guardrail_api'
const { block, hold, secret } = SCRIPTED_WORDS

interface Answer {
  readonly action: string
  readonly blocked_reason?: string
  readonly texts?: readonly string[]
  readonly stream_holdback_chars?: readonly number[]
}

/** A request as LiteLLM 1.110 sends it: what it does not have is null. */
const asked = (changes: Record<string, unknown>) => ({
  input_type: 'request',
  litellm_call_id: 'call-1',
  litellm_trace_id: null,
  structured_messages: null,
  images: null,
  tools: null,
  texts: null,
  request_data: { user_api_key_end_user_id: 'user-7', user_api_key_hash: 'abc' },
  request_headers: { host: 'gateway', authorization: '[present]' },
  litellm_version: '1.110.2',
  additional_provider_specific_params: {},
  tool_calls: null,
  model: 'gpt',
  ...changes,
})

async function open(given: Parameters<typeof serverUnderTest>[0] = {}) {
  const server = await serverUnderTest(given)
  return {
    ...server,
    ask: async (changes: Record<string, unknown>, path = PATH) => {
      const response = await server.post(path, asked(changes), { authorization: '', 'x-api-key': KEY })
      expect(response.status).toBe(200)
      return (await response.json()) as Answer
    },
  }
}

/** A policy that judges tool calls by their words. */
function callPolicy() {
  const detector = wordDetector()
  const stage = {
    rules: scriptedRules(detector),
    onError: 'block',
    onAbstain: 'flag',
    budgetMs: 1_000,
  } as const
  return scriptedPolicy({ detector, policy: { toolCall: stage } })
}

const REASON = new RegExp(`^${SCRIPTED_MESSAGE} \\(decision [0-9a-f-]{36}\\)$`)
const row = (role: string, content: unknown, more = {}) => ({ role, content, ...more })

describe('a request of LiteLLM', () => {
  it('passes what the policy allows', async () => {
    const { ask } = await open()

    expect(await ask({ texts: ['hello'] })).toEqual({ action: 'NONE' })
  })

  it('is blocked with the message for end users and the decision’s id, and no reason', async () => {
    const { ask, records } = await open()

    const answer = await ask({ texts: ['hello', block] })

    expect(answer).toEqual({ action: 'BLOCKED', blocked_reason: expect.stringMatching(REASON) })
    expect(answer.blocked_reason).toContain(records.decisions[0]?.decision.id)
    expect(records.decisions[0]).toMatchObject({ tenant: 'acme', subjectDigest: expect.any(String) })
  })

  it('comes back edited, text by text', async () => {
    const { ask } = await open()

    const answer = await ask({ texts: ['first', `a ${secret}`, '', `${secret} b`] })

    expect(answer).toEqual({ action: 'GUARDRAIL_INTERVENED', texts: ['first', 'a [cut]', '', '[cut] b'] })
  })

  it('is blocked where LiteLLM would drop the edits', async () => {
    const { ask } = await open()

    const answer = await ask({ texts: [secret] }, `/block-edits${PATH}`)

    expect(answer).toMatchObject({ action: 'BLOCKED', blocked_reason: expect.stringMatching(REASON) })
  })

  it.each(['system', 'developer'])('is judged in the role %s too, which its caller picks', async (role) => {
    const { ask } = await open()
    const asked = (text: string) => ({ texts: [text], structured_messages: [row(role, text)] })

    expect((await ask(asked(block))).action).toBe('BLOCKED')
    expect(await ask(asked(secret))).toEqual({ action: 'GUARDRAIL_INTERVENED', texts: ['[cut]'] })
  })

  it('is judged by the roles of its rows, where the rows have these texts', async () => {
    const { ask } = await open({ server: { systemMessages: 'trust' } })
    const rows = [
      row('system', block),
      row('user', [
        { type: 'text', text: 'look' },
        { type: 'image_url', image_url: { url: 'x' } },
        { type: 'text', text: secret },
      ]),
    ]

    const known = await ask({ texts: [block, 'look', secret], structured_messages: rows })
    const unknown = await ask({ texts: [block, 'look', `${secret}!`], structured_messages: rows })

    expect(known).toEqual({ action: 'GUARDRAIL_INTERVENED', texts: [block, 'look', '[cut]'] })
    expect(unknown.action).toBe('BLOCKED')
  })

  it('judges the tool calls and the images too', async () => {
    const stage = { rules: [], onError: 'block', onAbstain: 'block', budgetMs: 1_000 } as const
    const policy = scriptedPolicy({
      stage: { onAbstain: 'block' },
      policy: { toolCall: { ...stage, rules: [] } },
    })
    const { ask, records } = await open({ policy })
    const call = { id: 'c', type: 'function', function: { name: 'send', arguments: '{"a":1}' } }

    const withCall = await ask({ texts: ['hi'], tool_calls: [call] })
    const withImage = await ask({ texts: ['hi'], images: ['https://host/x.png'] })

    expect(withCall.action).toBe('NONE')
    expect(records.decisions[0]?.parts.map((part) => part.stage)).toEqual(['input', 'toolCall'])
    expect(withImage.action).toBe('BLOCKED')
  })

  it('is blocked when the arguments of a tool call would need an edit', async () => {
    const detector = wordDetector()
    const stage = {
      rules: scriptedRules(detector),
      onError: 'block',
      onAbstain: 'flag',
      budgetMs: 1_000,
    } as const
    const { ask } = await open({ policy: scriptedPolicy({ detector, policy: { toolCall: stage } }) })
    const call = {
      id: 'c',
      type: 'function',
      function: { name: 'send', arguments: JSON.stringify({ key: secret }) },
    }

    expect((await ask({ texts: ['hi'], tool_calls: [call] })).action).toBe('BLOCKED')
    expect((await ask({ input_type: 'response', texts: ['hi'], tool_calls: [call] })).action).toBe('BLOCKED')
  })

  it.each([
    ['a name that nobody offered', { function: { name: block, arguments: '{}' } }, ['response']],
    [
      'the text of a custom tool',
      { type: 'custom', custom: { name: 'run', input: block } },
      ['request', 'response'],
    ],
    ['a name that would need an edit', { function: { name: secret, arguments: '{}' } }, ['response']],
    ['a shape that is not known', { type: 'shell', shell: { command: 'ls' } }, ['request', 'response']],
    [
      'two shapes at once',
      { function: { name: 'a', arguments: '{}' }, custom: { name: 'b', input: 'c' } },
      ['request', 'response'],
    ],
  ])('is blocked for %s in a tool call', async (_, call, ways) => {
    const { ask } = await open({ policy: callPolicy() })

    for (const input_type of ways)
      expect((await ask({ input_type, texts: ['hi'], tool_calls: [call] })).action).toBe('BLOCKED')
  })

  it('passes a custom tool’s call that the policy allows, and in shadow mode any', async () => {
    const { ask } = await open({ policy: callPolicy() })
    const shadow = await open({ policy: scriptedPolicy({ policy: { mode: 'shadow' } }) })
    const call = { type: 'custom', custom: { name: 'run', input: 'say "hi"' } }

    for (const input_type of ['request', 'response']) {
      expect(await ask({ input_type, texts: ['hi'], tool_calls: [call] })).toMatchObject({ action: 'NONE' })
      const unknown = { input_type, texts: ['hi'], tool_calls: [{ type: 'shell' }] }
      expect(await shadow.ask(unknown)).toMatchObject({ action: 'NONE' })
    }
  })

  it('is held with a ticket, found again by the call’s id, and passes with the grant', async () => {
    const policy = scriptedPolicy({
      review: { mode: 'hold', withinMs: 60_000, waitMs: 0, otherwise: 'block' },
    })
    const { ask, queue } = await open({ policy })

    const held = await ask({ texts: [hold] })
    const again = await ask({ texts: [hold] })
    const ticket = /ticket ([\w-]+)\)$/.exec(held.blocked_reason ?? '')?.[1] ?? ''
    const claim = await queue.claim({ reviewer: 'ada', id: ticket })
    await queue.decide({ id: ticket, token: claim?.token ?? '', outcome: 'approve' })
    const granted = await ask({ texts: [hold], additional_provider_specific_params: { grant: ticket } })

    expect(held.action).toBe('BLOCKED')
    expect(again.blocked_reason).toContain(ticket)
    expect(granted.action).toBe('NONE')
  })

  it('is judged by its rows where no texts stand beside them, and what nobody can read by onAbstain', async () => {
    const { ask } = await open({ policy: scriptedPolicy({ stage: { onAbstain: 'block' } }) })
    const rows = (content: unknown) => ({ texts: null, structured_messages: [row('user', content)] })

    expect(await ask(rows('fine'))).toEqual({ action: 'NONE' })
    expect((await ask(rows(block))).action).toBe('BLOCKED')
    expect((await ask(rows(secret))).action).toBe('BLOCKED')
    expect((await ask(rows([{ type: 'input_audio', input_audio: {} }]))).action).toBe('BLOCKED')
  })

  it('is judged with the tool calls of its rows where the list of them is empty', async () => {
    const detector = wordDetector()
    const stage = {
      rules: scriptedRules(detector),
      onError: 'block',
      onAbstain: 'flag',
      budgetMs: 1_000,
    } as const
    const { ask } = await open({ policy: scriptedPolicy({ detector, policy: { toolCall: stage } }) })
    const call = { id: 'c', function: { name: 'send', arguments: JSON.stringify({ to: block }) } }
    const rows = [row('assistant', null, { tool_calls: [call] })]

    expect((await ask({ texts: [], tool_calls: [], structured_messages: rows })).action).toBe('BLOCKED')
  })

  it('changes nothing in shadow mode', async () => {
    const { ask, records } = await open({ policy: scriptedPolicy({ policy: { mode: 'shadow' } }) })
    const call = { id: 'c', function: { name: 'send', arguments: '{ "a" : 1 }' } }

    expect(await ask({ texts: [block, secret] })).toEqual({ action: 'NONE' })
    expect(await ask({ input_type: 'response', texts: [block], tool_calls: [call] })).toMatchObject({
      action: 'NONE',
    })
    expect(records.decisions.map(({ decision }) => decision.verdict)).toEqual(['block', 'block'])
  })

  it('leaves ids out that cannot be stored, and judges all the same', async () => {
    const { ask, records } = await open()

    const answer = await ask({
      texts: [block],
      litellm_call_id: 'x'.repeat(301),
      request_data: { user_api_key_user_id: 'a\u0000' },
    })

    expect(answer.action).toBe('BLOCKED')
    expect(records.decisions[0]).not.toHaveProperty('subjectDigest')
  })
})

describe('an answer by way of LiteLLM', () => {
  it('passes, is edited or blocked, choice by choice', async () => {
    const { ask } = await open()

    expect(await ask({ input_type: 'response', texts: ['fine'] })).toMatchObject({ action: 'NONE' })
    expect(await ask({ input_type: 'response', texts: ['fine', `b ${secret}`] })).toMatchObject({
      action: 'GUARDRAIL_INTERVENED',
      texts: ['fine', 'b [cut]'],
    })
    expect(await ask({ input_type: 'response', texts: ['fine', block] })).toMatchObject({
      action: 'BLOCKED',
      blocked_reason: expect.stringMatching(REASON),
    })
  })

  it('holds all of it back while it streams, where answers are released whole', async () => {
    const { ask } = await open()

    expect(await ask({ input_type: 'response', texts: ['so far 😀'] })).toEqual({
      action: 'NONE',
      stream_holdback_chars: [8],
    })
  })

  it('never takes back what an earlier round let out, and lets out no more than a stream would', async () => {
    const { ask } = await open({ policy: scriptedPolicy({ release: { windowCharacters: 40 } }) })
    const answer = `😀 ${'word '.repeat(20)}${secret} ${'more '.repeat(20)}`
    let out = ''

    for (let end = 5; end < answer.length + 5; end += 5) {
      const part = answer.slice(0, end)
      const { texts = [part], stream_holdback_chars: [held = 0] = [] } = await ask({
        input_type: 'response',
        texts: [part],
      })
      const points = [...(texts[0] ?? '')]
      const shown = points.slice(0, points.length - held).join('')
      expect(shown.startsWith(out)).toBe(true)
      out = shown
    }

    expect(out.length).toBeGreaterThan(100)
    expect(out).toContain('[cut]')
    expect(out).not.toContain('SECRET')
  })
})
