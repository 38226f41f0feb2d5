import { describe, expect, it } from '@jest/globals'
import type { Message } from '@parapet/sdk'
import { chatRequest } from './chat-request.ts'

const request = (messages: unknown, more: object = {}) => chatRequest({ model: 'm', messages, ...more })
const error = (name: string) => expect.objectContaining({ code: `PARAPET_ADAPTER_${name}` })

/** The messages with each text replaced by what it says. */
const edited = (messages: readonly Message[]): Message[] =>
  messages.map(({ role, parts }) => ({
    role,
    parts: parts.map((part) =>
      'text' in part
        ? { ...part, text: `<${part.text}>` }
        : part.type === 'tool-call'
          ? { ...part, input: part.input.replaceAll('cut', '###') }
          : part.type === 'tool-result'
            ? { ...part, output: part.output.replaceAll('cut', '###') }
            : part,
    ),
  }))

describe('reads', () => {
  it('every text of a conversation, and writes each back where it stood', () => {
    const asked = request([
      { role: 'developer', content: 'rules' },
      {
        role: 'user',
        name: 'ada',
        content: [
          { type: 'text', text: 'one' },
          { type: 'text', text: 'two' },
        ],
      },
      {
        role: 'assistant',
        content: 'three',
        refusal: 'four',
        reasoning_content: 'five',
        tool_calls: [
          { id: 't1', type: 'function', function: { name: 'f', arguments: '{"a":"cut"}' } },
          { id: 't2', type: 'custom', custom: { name: 'g', input: 'cut "it"' } },
        ],
      },
      { role: 'tool', tool_call_id: 't1', content: '{"b":"cut"}' },
      { role: 'tool', tool_call_id: 't2', content: [{ type: 'text', text: 'cut me' }] },
      { role: 'assistant', function_call: { name: 'h', arguments: '{"c":"cut"}' } },
      { role: 'function', name: 'h', content: 'cut' },
    ])

    expect(asked.messages.map(({ role }) => role)).toEqual([
      'system',
      'user',
      'assistant',
      'tool',
      'tool',
      'assistant',
      'tool',
    ])
    expect(asked.messages[3]?.parts).toEqual([
      { type: 'tool-result', toolCallId: 't1', toolName: 'f', output: '{"b":"cut"}', json: true },
    ])
    expect(asked.messages[4]?.parts).toMatchObject([{ toolName: 'g', output: 'cut me', json: false }])
    expect(asked.apply(edited(asked.messages))['messages']).toEqual([
      { role: 'developer', content: '<rules>' },
      {
        role: 'user',
        name: '<ada>',
        content: [
          { type: 'text', text: '<one>' },
          { type: 'text', text: '<two>' },
        ],
      },
      {
        role: 'assistant',
        content: '<three>',
        refusal: '<four>',
        reasoning_content: '<five>',
        tool_calls: [
          { id: 't1', type: 'function', function: { name: 'f', arguments: '{"a":"###"}' } },
          { id: 't2', type: 'custom', custom: { name: 'g', input: '### "it"' } },
        ],
      },
      { role: 'tool', tool_call_id: 't1', content: '{"b":"###"}' },
      { role: 'tool', tool_call_id: 't2', content: [{ type: 'text', text: '### me' }] },
      { role: 'assistant', function_call: { name: 'h', arguments: '{"c":"###"}' } },
      { role: 'function', name: 'h', content: '###' },
    ])
  })

  it('what is no text as media, and the name of a file as text', () => {
    const { messages } = request([
      {
        role: 'user',
        content: [
          { type: 'image_url', image_url: { url: 'https://x.test/y' } },
          { type: 'input_audio', input_audio: { data: 'AAAA', format: 'wav' } },
          { type: 'file', file: { filename: 'plan.txt', file_data: 'data:text/plain;base64,AAAA' } },
        ],
      },
      { role: 'assistant', audio: { id: 'a1', transcript: 'said before' } },
    ])

    expect(messages.flatMap(({ parts }) => parts)).toEqual([
      { type: 'media', mediaType: 'image/*' },
      { type: 'media', mediaType: 'audio/*' },
      { type: 'text', text: 'plan.txt' },
      { type: 'media', mediaType: 'application/octet-stream' },
      { type: 'media', mediaType: 'audio/*' },
    ])
  })

  it('a predicted answer like one of the history', () => {
    const { messages } = request([], { prediction: { type: 'content', content: 'like this' } })

    expect(messages).toEqual([{ role: 'assistant', parts: [{ type: 'text', text: 'like this' }] }])
  })

  it('JSON that is cut off as JSON, when a reader would decode it', () => {
    const json = (content: string) =>
      request([{ role: 'tool', tool_call_id: 't', content }]).messages[0]?.parts[0]

    expect(json('{"a":"b\\u0061d')).toMatchObject({ json: true })
    expect(json('He said "hello" to C:\\temp')).toMatchObject({ json: false })
  })
})

it('drops what the client added to an answer that comes back', () => {
  const asked = request([
    {
      role: 'assistant',
      content: 'a',
      annotations: [{ type: 'url_citation', url_citation: { title: 'some text of it' } }],
      parsed: { said: 'some text of it' },
      audio: { id: 'a1', data: 'AAAA', transcript: 'some text of it' },
      tool_calls: [
        {
          id: 't',
          type: 'function',
          function: { name: 'f', arguments: '{}', parsed_arguments: { a: 'b c' } },
        },
      ],
    },
  ])

  expect(JSON.stringify(asked.apply(asked.messages))).not.toMatch(/some text of it|b c/)
})

it('lets settings pass that it does not know', () => {
  const more = { top_k: 3, chat_template_kwargs: { enable_thinking: false, effort: ['low'] }, tag: 'a-b' }

  expect(request([], more).apply([])).toMatchObject(more)
})

describe('refuses', () => {
  it.each<[string, unknown, string]>([
    ['a role', [{ role: 'oracle', content: 'x' }], 'PART_UNKNOWN'],
    ['a part', [{ role: 'user', content: [{ type: 'hologram', text: 'x' }] }], 'PART_UNKNOWN'],
    [
      'a kind of tool call',
      [{ role: 'assistant', tool_calls: [{ id: 't', type: 'spell' }] }],
      'PART_UNKNOWN',
    ],
    ['content that is a number', [{ role: 'user', content: 7 }], 'REQUEST_MALFORMED'],
    [
      'text that is an object',
      [{ role: 'user', content: [{ type: 'text', text: {} }] }],
      'REQUEST_MALFORMED',
    ],
    ['a message that is a text', ['hello'], 'REQUEST_MALFORMED'],
    ['tool calls that are no list', [{ role: 'assistant', tool_calls: { a: 'b c' } }], 'REQUEST_MALFORMED'],
    [
      'arguments that are no text',
      [
        {
          role: 'assistant',
          tool_calls: [{ id: 't', type: 'function', function: { name: 'f', arguments: { a: 1 } } }],
        },
      ],
      'REQUEST_MALFORMED',
    ],
    [
      'a member with a sentence in it',
      [{ role: 'user', content: 'a', thought: 'not for you' }],
      'REQUEST_REFUSED',
    ],
    [
      'a member of a part with a sentence in it',
      [{ role: 'user', content: [{ type: 'text', text: 'a', caption: 'not for you' }] }],
      'REQUEST_REFUSED',
    ],
  ])('%s that it cannot read', (_, messages, name) => {
    expect(() => request(messages)).toThrow(error(name))
  })

  it.each([{ documents: [{ text: 'not for you' }] }, { suffix: 'not for you' }, { a: { b: { 'c d': 1 } } }])(
    'members of the request that could hold a sentence: %j',
    (more) => {
      expect(() => request([], more)).toThrow(error('REQUEST_REFUSED'))
    },
  )

  it.each(['not for you', ['not for you']])('a prediction that is no object: %j', (prediction) => {
    expect(() => request([], { prediction })).toThrow(error('REQUEST_MALFORMED'))
  })

  it.each([0, 129, 1.5, '2'])('%s choices', (n) => {
    expect(() => request([], { n })).toThrow(error('REQUEST_MALFORMED'))
  })

  it('names no member that could be a user’s', () => {
    expect(() => request([], { 'my secret name': 'not for you' })).toThrow(/"\?" of the request/)
  })
})
