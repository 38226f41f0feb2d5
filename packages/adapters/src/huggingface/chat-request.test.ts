import { describe, expect, it } from '@jest/globals'
import { chatRequest } from './chat-request.ts'

const SENTENCE = 'BLOCK-ME, and more words'
const REFUSED = expect.objectContaining({ code: 'PARAPET_ADAPTER_REQUEST_REFUSED' })
const hi = { role: 'user', content: 'Hi.' }
const ask = (message: object, more: object = {}) => ({ model: 'm', messages: [message], ...more })
const called = (call: object, more: object = {}) => ({
  role: 'assistant',
  tool_calls: [{ id: 'c1', type: 'function', function: { name: 'run', arguments: '{}', ...call }, ...more }],
})

describe('a request to Hugging Face', () => {
  it.each<[string, Record<string, unknown>]>([
    ['documents', ask(hi, { documents: [{ text: SENTENCE }] })],
    ['a prediction', ask(hi, { prediction: { type: 'content', content: SENTENCE } })],
    ['an earlier transcript', ask({ role: 'assistant', audio: { id: 'a', transcript: SENTENCE } })],
    ['a member of a message', ask({ ...hi, thought: SENTENCE })],
    ['a member of another role', ask({ ...hi, reasoning: SENTENCE })],
    ['a member of a text', ask({ role: 'user', content: [{ type: 'text', text: 'a', hint: SENTENCE }] })],
    [
      'a member of a picture',
      ask({ role: 'user', content: [{ type: 'image_url', image_url: {}, alt: SENTENCE }] }),
    ],
    ['a member of a call', ask(called({}, { note: SENTENCE }))],
    ['a second form of arguments', ask(called({ parameters: { a: SENTENCE } }))],
    ['a name that is a sentence', ask(called({ name: SENTENCE }))],
  ])('is refused with text that nothing reads: %s', (_, args) => {
    expect(() => chatRequest(args)).toThrow(REFUSED)
  })

  it('judges an earlier refusal, and writes it back', () => {
    const args = ask({ role: 'assistant', content: null, refusal: SENTENCE })
    const request = chatRequest(args)

    expect(request.messages).toEqual([{ role: 'assistant', content: [{ type: 'text', text: SENTENCE }] }])
    request.apply([{ role: 'assistant', parts: [{ type: 'text', text: '[cut]' }] }])
    expect(args.messages).toEqual([{ role: 'assistant', content: null, refusal: '[cut]' }])
  })

  it('passes settings, and what is the developer’s own', () => {
    const own = {
      temperature: 0.2,
      stop: ['The end.'],
      endpointUrl: 'https://host.test/v1?a=b c',
      tool_prompt: 'Use the tools well.',
      response_format: { type: 'json_schema', json_schema: { description: 'An answer to it.' } },
      tools: [{ type: 'function', function: { name: 'run', description: 'Runs it all.' } }],
    }

    expect(chatRequest(ask(hi, own)).messages).toHaveLength(1)
    expect(chatRequest(ask(called({}))).messages).toHaveLength(1)
  })
})
