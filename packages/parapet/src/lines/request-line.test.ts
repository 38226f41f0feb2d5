import { describe, expect, it } from '@jest/globals'
import { isInvalid, requestLine } from './request-line.ts'

const read = (value: unknown) =>
  requestLine({ number: 1, text: typeof value === 'string' ? value : JSON.stringify(value) })

describe('requestLine', () => {
  it('takes the last message for the text and the others for the conversation', () => {
    const messages = [
      { role: 'user', content: 'one' },
      { role: 'assistant', content: 'two' },
      { role: 'user', content: 'three' },
    ]

    expect(read({ messages })).toMatchObject({ text: 'three', conversation: messages.slice(0, 2) })
  })

  it('takes a text beside messages for what comes after them', () => {
    const messages = [{ role: 'user', content: 'one' }]

    expect(read({ messages, text: 'two' })).toMatchObject({ text: 'two', conversation: messages })
  })

  it('keeps every other field, in its place', () => {
    const line = read({ id: 7, text: 'a', nested: { __proto__: null, list: [1] } })

    expect(JSON.stringify((line as { fields: unknown }).fields)).toBe(
      '{"id":7,"text":"a","nested":{"list":[1]}}',
    )
  })

  it('keeps an id that is longer than a number', () => {
    const line = read('{"id":12345678901234567890,"text":"1234567890123456"}')

    expect(JSON.stringify((line as { fields: unknown }).fields)).toBe(
      '{"id":12345678901234567890,"text":"1234567890123456"}',
    )
  })

  it('takes an empty text', () => {
    expect(read({ text: '' })).toMatchObject({ text: '' })
  })

  it.each([
    ['what is not JSON', '{'],
    ['JSON that is no object', '["canary"]'],
    ['an object without a text', { id: 1 }],
    ['a text that is no string', { text: ['canary'] }],
    ['a response that is no string', { text: 'a', response: { canary: 1 } }],
    ['an empty conversation', { messages: [] }],
    ['a role that does not exist', { messages: [{ role: 'canary', content: 'x' }] }],
    ['a content that is no string', { messages: [{ role: 'user', content: ['canary'] }] }],
  ])('refuses %s, and does not repeat it in the problem', (_, value) => {
    const line = read(value)

    expect(isInvalid(line)).toBe(true)
    expect((line as { problem: string }).problem).not.toMatch(/^$|canary/)
  })

  it('keeps the fields of an object that is no request, so that its id stays', () => {
    expect(read({ id: 9, text: 1 })).toMatchObject({ fields: { id: 9 } })
  })
})
