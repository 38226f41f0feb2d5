import { describe, expect, it } from '@jest/globals'
import type { Message } from '@parapet/sdk'
import { responsesRequest } from './responses-request.ts'

const request = (input: unknown, more: object = {}) => responsesRequest({ model: 'm', input, ...more })
const error = (name: string) => expect.objectContaining({ code: `PARAPET_ADAPTER_${name}` })

const cut = (text: string) => text.replaceAll('cut', '###')
const edited = (messages: readonly Message[]): Message[] =>
  messages.map(({ role, parts }) => ({
    role,
    parts: parts.map((part) =>
      'text' in part
        ? { ...part, text: cut(part.text) }
        : part.type === 'tool-call'
          ? { ...part, input: cut(part.input) }
          : part.type === 'tool-result'
            ? { ...part, output: cut(part.output) }
            : part,
    ),
  }))

/** The input as it reaches the provider when every "cut" was redacted. */
const sent = (input: unknown, more: object = {}) => {
  const asked = request(input, more)
  return asked.apply(edited(asked.messages))
}

describe('reads', () => {
  it('an input that is one text, and the instructions as the developer’s', () => {
    const { messages } = request('hello', { instructions: 'rules' })

    expect(messages).toEqual([
      { role: 'system', parts: [{ type: 'text', text: 'rules' }] },
      { role: 'user', parts: [{ type: 'text', text: 'hello' }] },
    ])
    expect(sent('cut it')['input']).toBe('### it')
  })

  it.each<[string, object]>([
    ['a message', { role: 'user', content: 'cut' }],
    ['parts of messages', { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'cut' }] }],
    [
      'an earlier answer',
      {
        type: 'message',
        id: 'm1',
        role: 'assistant',
        status: 'completed',
        content: [
          { type: 'output_text', text: 'cut', annotations: [] },
          { type: 'refusal', refusal: 'cut' },
        ],
      },
    ],
    ['a tool call', { type: 'function_call', call_id: 'c', name: 'f', arguments: '{"a":"cut"}' }],
    ['a call with free input', { type: 'custom_tool_call', call_id: 'c', name: 'f', input: 'cut "me"' }],
    ['a result', { type: 'function_call_output', call_id: 'c', output: '{"a":"cut"}' }],
    [
      'a result of parts',
      { type: 'custom_tool_call_output', call_id: 'c', output: [{ type: 'input_text', text: 'cut' }] },
    ],
    ['reasoning', { type: 'reasoning', id: 'r', summary: [{ type: 'summary_text', text: 'cut' }] }],
    [
      'what a provider’s tool did',
      {
        type: 'mcp_call',
        id: 'i',
        server_label: 's',
        name: 'cut',
        arguments: '{"q":"cut"}',
        output: 'cut',
        status: 'completed',
      },
    ],
    ['a search', { type: 'web_search_call', id: 'w', action: { type: 'search', query: 'cut' } }],
    ['a run of code', { type: 'code_interpreter_call', id: 'w', code: 'cut', container_id: 'c' }],
    [
      'an approval',
      { type: 'mcp_approval_response', approval_request_id: 'a', approve: true, reason: 'cut' },
    ],
  ])('%s, and writes it back where it stood', (_, item) => {
    const asked = request([item])

    expect(asked.messages.flatMap(({ parts }) => parts).length).toBeGreaterThan(0)
    expect(JSON.stringify(sent([structuredClone(item)])['input'])).toBe(cut(JSON.stringify([item])))
  })

  it('JSON within a member’s text by its own leaves', () => {
    const [message] = request([
      { type: 'mcp_call', id: 'i', server_label: 's', name: 'f', arguments: '{"q":"\\u0063ut"}' },
    ]).messages

    expect(message?.parts).toMatchObject([{ type: 'tool-call', input: '["f",{"q":"cut"}]' }])
  })

  it('media as media', () => {
    const { messages } = request([
      {
        role: 'user',
        content: [
          { type: 'input_image', detail: 'auto', image_url: 'https://x.test/a' },
          { type: 'input_file', filename: 'a b.pdf', file_data: 'AAAA' },
        ],
      },
      { type: 'image_generation_call', id: 'i', result: 'AAAA' },
      { type: 'compaction', id: 'c', encrypted_content: 'AAAA' },
    ])

    expect(messages.flatMap(({ parts }) => parts).map(({ type }) => type)).toEqual([
      'media',
      'text',
      'media',
      'media',
      'media',
    ])
  })

  it('what is put into a stored prompt', () => {
    const prompt = { id: 'p', variables: { name: 'cut', more: { type: 'input_text', text: 'cut' } } }

    expect(sent(undefined, { prompt })['prompt']).toEqual({
      id: 'p',
      variables: { name: '###', more: { type: 'input_text', text: '###' } },
    })
  })
})

it('leaves sealed reasoning out where it would have to be edited, and keeps it otherwise', () => {
  const reasoning = (text: string) => ({
    type: 'reasoning',
    id: 'r',
    summary: [{ type: 'summary_text', text }],
    encrypted_content: 'AAAA',
  })

  expect(sent([reasoning('fine'), reasoning('cut'), { role: 'user', content: 'a' }])['input']).toEqual([
    reasoning('fine'),
    { role: 'user', content: 'a' },
  ])
})

it('drops what stood beside an earlier answer', () => {
  const content = [
    {
      type: 'output_text',
      text: 'a',
      annotations: [{ type: 'url_citation', title: 'some text of it', url: 'u' }],
      logprobs: [{ token: 'some text of it' }],
      parsed: { a: 'some text of it' },
    },
  ]

  expect(JSON.stringify(sent([{ role: 'assistant', content }]))).not.toContain('some text of it')
})

describe('refuses', () => {
  it.each([
    { previous_response_id: 'resp_1' },
    { conversation: 'conv_1' },
    { conversation: { id: 'conv_1' } },
    { background: true },
    { documents: [{ text: 'not for you' }] },
  ])('what it has not seen, or cannot see: %j', (more) => {
    expect(() => request('hello', more)).toThrow(error('REQUEST_REFUSED'))
  })

  it.each(['not for you', ['not for you']])('a stored prompt that is no object: %j', (prompt) => {
    expect(() => request('hello', { prompt })).toThrow(error('REQUEST_MALFORMED'))
  })

  it('lets their absence pass', () => {
    expect(() =>
      request('hello', { previous_response_id: null, conversation: null, background: false }),
    ).not.toThrow()
  })

  it.each<[string, unknown, string]>([
    ['a reference', [{ type: 'item_reference', id: 'm1' }], 'REQUEST_REFUSED'],
    ['a reference without a type', [{ id: 'm1' }], 'REQUEST_REFUSED'],
    ['an item', [{ type: 'hologram', text: 'x' }], 'PART_UNKNOWN'],
    ['a part', [{ role: 'user', content: [{ type: 'hologram', text: 'x' }] }], 'PART_UNKNOWN'],
    ['a role', [{ role: 'oracle', content: 'x' }], 'PART_UNKNOWN'],
    ['a change of settings', [{ type: 'configuration_update', text: {} }], 'PART_UNKNOWN'],
    ['an input that is an object', { a: 'b c' }, 'REQUEST_MALFORMED'],
    [
      'arguments that are an object',
      [{ type: 'function_call', name: 'f', arguments: {} }],
      'REQUEST_MALFORMED',
    ],
    [
      'an item with a sentence beside it',
      [{ role: 'user', content: 'a', aside: 'not for you' }],
      'REQUEST_REFUSED',
    ],
    [
      'a provider’s tool with a sentence beside it',
      [{ type: 'web_search_call', id: 'w', action: {}, aside: 'not for you' }],
      'REQUEST_REFUSED',
    ],
  ])('%s that it cannot read', (_, input, name) => {
    expect(() => request(input)).toThrow(error(name))
  })
})
