import type { LanguageModelV4Prompt } from '@ai-sdk/provider'
import { describe, expect, it } from '@jest/globals'
import type { Message, Part } from '@parapet/sdk'
import { promptMessages } from './prompt-messages.ts'

const seal = { mock: { signature: 's', itemId: 'i', cache: 'c' } }
const base64 = (text: string) => Buffer.from(text).toString('base64')

/** A prompt with every kind of part; each text of it that is judged says x. */
const PROMPT: LanguageModelV4Prompt = [
  { role: 'system', content: 'x' },
  {
    role: 'user',
    content: [
      { type: 'text', text: 'x1' },
      { type: 'file', filename: 'x2', mediaType: 'text/plain', data: { type: 'data', data: base64('x3') } },
      { type: 'file', mediaType: 'image/png', data: { type: 'data', data: 'AAAA' } },
    ],
  },
  {
    role: 'assistant',
    providerOptions: { parapet: { decisionId: 'd' }, mock: {} },
    content: [
      { type: 'reasoning', text: 'x4' },
      { type: 'reasoning', text: 'x5', providerOptions: seal },
      { type: 'text', text: 'x6', providerOptions: { ...seal, parapet: { decisionId: 'd' } } },
      { type: 'tool-call', toolCallId: 'c', toolName: 't', input: { q: 'x7' }, providerOptions: seal },
      { type: 'tool-result', toolCallId: 'p', toolName: 't', output: { type: 'json', value: ['x8'] } },
      { type: 'custom', kind: 'mock.block' },
      { type: 'reasoning-file', mediaType: 'image/png', data: { type: 'data', data: 'AAAA' } },
    ],
  },
  {
    role: 'tool',
    content: [
      { type: 'tool-result', toolCallId: 'c', toolName: 't', output: { type: 'text', value: 'x9' } },
      { type: 'tool-result', toolCallId: 'c', toolName: 't', output: { type: 'error-text', value: 'x10' } },
      {
        type: 'tool-result',
        toolCallId: 'c',
        toolName: 't',
        output: { type: 'error-json', value: { e: 'x11' } },
      },
      {
        type: 'tool-result',
        toolCallId: 'c',
        toolName: 't',
        output: { type: 'execution-denied', reason: 'x12' },
      },
      {
        type: 'tool-result',
        toolCallId: 'c',
        toolName: 't',
        output: {
          type: 'content',
          value: [
            { type: 'text', text: 'x13' },
            { type: 'file', mediaType: 'text/csv', filename: 'x14', data: { type: 'text', text: 'x15' } },
            { type: 'file', mediaType: 'image/png', data: { type: 'data', data: 'AAAA' } },
            { type: 'custom' },
          ],
        },
      },
      { type: 'tool-approval-response', approvalId: 'a', approved: false, reason: 'x16' },
    ],
  },
]

/** Every text of the messages, replaced. */
function edited(messages: readonly Message[], edit: (text: string) => string): Message[] {
  const part = (given: Part): Part => {
    if (given.type === 'text' || given.type === 'reasoning') return { ...given, text: edit(given.text) }
    if (given.type === 'tool-call') return { ...given, input: edit(given.input) }
    if (given.type === 'tool-result') return { ...given, output: edit(given.output) }
    return given
  }
  return messages.map((message) => ({ ...message, parts: message.parts.map(part) }))
}

describe('promptMessages', () => {
  const { messages, apply } = promptMessages(PROMPT)
  const texts = JSON.stringify(messages)

  it('shows the guard every text, and names what it cannot read', () => {
    for (let index = 1; index <= 16; index++) expect(texts).toContain(`x${index}`)
    const media = messages.flatMap(({ parts }) =>
      parts.flatMap((part) => (part.type === 'media' ? [part.mediaType] : [])),
    )
    expect(media).toEqual(['image/png', 'custom/mock.block', 'image/png', 'image/png', 'custom/tool-result'])
  })

  it('leaves a prompt without edits as it is, but for what is Parapet’s own', () => {
    const prompt = apply(messages)

    expect(JSON.stringify(prompt)).not.toContain('parapet')
    expect(prompt).toEqual(
      JSON.parse(
        JSON.stringify(PROMPT)
          .replaceAll('"parapet":{"decisionId":"d"},', '')
          .replaceAll(',"parapet":{"decisionId":"d"}', ''),
      ),
    )
  })

  it('writes every edit back to its place', () => {
    const prompt = apply(edited(messages, (text) => text.replace(/x(\d+)/, 'y$1')))

    const written = JSON.stringify(prompt).replace(base64('y3'), 'y3')
    expect(written).not.toMatch(/x\d/)
    // 5 was signed reasoning.
    for (const index of [1, 2, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16])
      expect(written).toContain(`y${index}`)
  })

  it('takes signed reasoning out instead of editing it, and unseals what it edits', () => {
    const prompt = apply(edited(messages, (text) => text.replace(/x(\d+)/, 'y$1')))
    const assistant = prompt.find(({ role }) => role === 'assistant')

    expect(JSON.stringify(assistant)).not.toContain('y5')
    expect(JSON.stringify(assistant)).not.toContain('signature')
    expect(JSON.stringify(assistant)).not.toContain('itemId')
    expect(JSON.stringify(assistant)).toContain('"cache":"c"')
  })

  it('leaves a message out of which nothing is left', () => {
    const signed = promptMessages([
      { role: 'assistant', content: [{ type: 'reasoning', text: 'x', providerOptions: seal }] },
      { role: 'user', content: [{ type: 'text', text: 'hi' }] },
    ])

    expect(signed.apply(edited(signed.messages, (text) => text.replace('x', 'y')))).toHaveLength(1)
  })

  it('does not change the prompt that it was given', () => {
    const before = JSON.stringify(PROMPT)
    apply(edited(messages, () => '"z"'))

    expect(JSON.stringify(PROMPT)).toBe(before)
  })

  it('refuses a part that it does not know, and does not repeat it', () => {
    const hologram = { type: 'canary hologram', text: 'canary' } as never

    expect(() => promptMessages([{ role: 'user', content: [hologram] }])).toThrow(
      expect.objectContaining({
        code: 'PARAPET_ADAPTER_PART_UNKNOWN',
        message: expect.not.stringContaining('canary'),
      }),
    )
  })
})
