import { describe, expect, it } from '@jest/globals'
import type { MessageInput, Part } from '@parapet/sdk'
import { toMessages } from '@parapet/sdk'
import { requestMessages } from './request-messages.ts'

const user = (...content: readonly unknown[]) => ({ messages: [{ role: 'user', content }] })
const assistant = (...content: readonly unknown[]) => ({ messages: [{ role: 'assistant', content }] })
const text = (content: string) => ({ type: 'text', text: content })

/** The texts that the guard reads of a request, with the kind of their parts. */
function read(body: Record<string, unknown>): string[] {
  return parts(requestMessages(body).messages).map((part) => `${part.type}: ${textOf(part)}`)
}

const parts = (messages: readonly MessageInput[]) => toMessages(messages).flatMap((message) => message.parts)

function textOf(part: Part): string {
  if (part.type === 'media') return part.mediaType
  if (part.type === 'tool-call') return part.input
  return part.type === 'tool-result' ? part.output : part.text
}

/** The request as the provider gets it when every text of the request was edited. */
function edited(body: Record<string, unknown>) {
  const request = requestMessages(body)
  const cut = (part: Part): Part => {
    if (part.type === 'media') return part
    if (part.type === 'tool-call') return { ...part, input: '{"cut":1}' }
    return part.type === 'tool-result' ? { ...part, output: 'cut' } : { ...part, text: 'cut' }
  }
  request.apply(
    toMessages(request.messages).map((message) => ({ ...message, parts: message.parts.map(cut) })),
  )
  return body['messages']
}

describe('a request of the Messages API', () => {
  it.each<readonly [string, Record<string, unknown>, readonly string[]]>([
    ['a text', { messages: [{ role: 'user', content: 'a' }] }, ['text: a']],
    [
      'a block of text and its citations',
      assistant({
        ...text('a'),
        citations: [
          { type: 'web_search_result_location', cited_text: 'b', title: 'c', url: 'd', encrypted_index: 'e' },
        ],
      }),
      ['text: a', 'text: b', 'text: c', 'text: d'],
    ],
    ['an image', user({ type: 'image', source: { type: 'base64', data: 'AAAA' } }), ['media: image/*']],
    [
      'a document of text',
      user({ type: 'document', title: 't', context: 'c', source: { type: 'text', data: 'd' } }),
      ['text: d', 'text: t', 'text: c'],
    ],
    [
      'a document of blocks',
      user({
        type: 'document',
        source: { type: 'content', content: [text('a'), { type: 'image', source: {} }] },
      }),
      ['text: a', 'media: image/*'],
    ],
    [
      'a document of one text',
      user({ type: 'document', source: { type: 'content', content: 'a' } }),
      ['text: a'],
    ],
    [
      'a PDF',
      user({ type: 'document', title: 't', source: { type: 'base64', data: 'AAAA' } }),
      ['media: application/pdf', 'text: t'],
    ],
    ['a file', user({ type: 'container_upload', file_id: 'f' }), ['media: application/octet-stream']],
    [
      'search results',
      user({ type: 'search_result', source: 's', title: 't', content: [text('a')] }),
      ['text: s', 'text: t', 'text: a'],
    ],
    ['a tool’s text', user({ type: 'tool_result', tool_use_id: 'c', content: 'a' }), ['tool-result: a']],
    [
      'a tool’s blocks',
      user({
        type: 'tool_result',
        tool_use_id: 'c',
        content: [
          text('a'),
          { type: 'image', source: {} },
          { type: 'document', source: { type: 'text', data: 'd' } },
          { type: 'tool_reference', tool_name: 't' },
          { type: 'browser_state', tabs: [{ tab_id: '1', title: 'x', url: 'y' }] },
        ],
      }),
      ['tool-result: a', 'media: image/*', 'tool-result: d', 'tool-result: x', 'tool-result: y'],
    ],
    ['a tool’s nothing', user({ type: 'tool_result', tool_use_id: 'c' }), []],
    ['thinking', assistant({ type: 'thinking', thinking: 'a', signature: 's' }), ['reasoning: a']],
    ['sealed thinking', assistant({ type: 'redacted_thinking', data: 'x' }), []],
    [
      'calls',
      assistant(
        { type: 'tool_use', id: 'c', name: 'n', input: { q: 1 } },
        { type: 'server_tool_use', id: 'd', name: 'web_search', input: {} },
        { type: 'mcp_tool_use', id: 'e', name: 'n', server_name: 's', input: {} },
      ),
      ['tool-call: {"q":1}', 'tool-call: {}', 'tool-call: {}'],
    ],
    [
      'what the provider searched',
      assistant({
        type: 'web_search_tool_result',
        tool_use_id: 'c',
        content: [
          { type: 'web_search_result', url: 'u', title: 't', encrypted_content: 'x', page_age: null },
        ],
      }),
      ['tool-result: u', 'tool-result: t'],
    ],
    [
      'what an MCP server said',
      assistant({ type: 'mcp_tool_result', tool_use_id: 'c', content: [text('a')] }),
      ['tool-result: a'],
    ],
    [
      'what code printed',
      assistant({
        type: 'bash_code_execution_tool_result',
        tool_use_id: 'c',
        content: {
          type: 'bash_code_execution_result',
          stdout: 'o',
          stderr: 'e',
          return_code: 0,
          content: [],
        },
      }),
      ['tool-result: e', 'tool-result: o'],
    ],
    [
      'the tools of an MCP server',
      assistant({ type: 'mcp_tool_listing', tools: [{ name: 'n', input_schema: { a: 'b' } }] }),
      ['tool-result: n', 'tool-result: {"a":"b"}'],
    ],
  ])('is read for %s', (_, body, expected) => {
    expect(read(body)).toEqual(expected)
  })

  it('gives the developer’s own texts as context', () => {
    const { messages } = requestMessages({
      system: [text('a'), text('b')],
      messages: [
        { role: 'system', content: 'c' },
        { role: 'user', content: 'd' },
      ],
    })

    expect(messages.map(({ role }) => role)).toEqual(['system', 'system', 'user'])
  })

  it('says of a tool’s text that is JSON that it is', () => {
    const [plain, json] = ['{"a"', '{"a":1}'].map(
      (content) => parts(requestMessages(user({ type: 'tool_result', content })).messages)[0],
    )

    expect([plain, json]).toMatchObject([{ json: false }, { json: true }])
  })

  it('takes edits, and leaves everything else where it is', () => {
    const cached = { type: 'text', text: 'a', cache_control: { type: 'ephemeral' } }

    expect(edited(user(cached))).toEqual([{ role: 'user', content: [{ ...cached, text: 'cut' }] }])
    expect(edited({ messages: [{ role: 'user', content: 'a' }] })).toEqual([{ role: 'user', content: 'cut' }])
    expect(edited(assistant({ type: 'tool_use', id: 'c', name: 'n', input: { q: 1 } }))).toEqual([
      { role: 'assistant', content: [{ type: 'tool_use', id: 'c', name: 'n', input: { cut: 1 } }] },
    ])
    expect(edited(user({ type: 'tool_result', content: [text('a'), text('b')] }))).toEqual([
      { role: 'user', content: [{ type: 'tool_result', content: [text('cut'), text('cut')] }] },
    ])
  })

  it('leaves signed thinking out where it was edited, and unsigned always', () => {
    const signed = { type: 'thinking', thinking: 'a', signature: 's' }
    const unsigned = { type: 'thinking', thinking: 'a', signature: '' }
    const body = assistant(unsigned, text('b'))

    expect(requestMessages(body).changed).toBe(true)
    expect(body.messages).toEqual([{ role: 'assistant', content: [text('b')] }])
    expect(edited(assistant(signed, text('b')))).toEqual([{ role: 'assistant', content: [text('cut')] }])
    expect(edited(assistant(signed))).toEqual([])
  })

  it('takes out what Parapet wrote into an earlier answer', () => {
    const body = assistant({ ...text('Not here.'), parapet: { decisionId: 'd' } })

    expect(requestMessages(body).changed).toBe(true)
    expect(body.messages).toEqual([{ role: 'assistant', content: [text('Not here.')] }])
  })

  it.each<readonly [string, Record<string, unknown>]>([
    ['a block', user({ type: 'hologram' })],
    ['a block of no kind', user({})],
    ['no block', user('a')],
    ['a role', { messages: [{ role: 'tool', content: 'a' }] }],
    ['no messages', {}],
    ['content that is none', { messages: [{ role: 'user', content: 1 }] }],
    ['a text that is none', user({ type: 'text', text: { a: 1 } })],
    ['a source', user({ type: 'document', source: { type: 'hologram' } })],
    ['a block in a result', user({ type: 'tool_result', content: [{ type: 'hologram' }] })],
    ['a compaction', user({ type: 'compaction', content: 'a' })],
  ])('refuses %s that it does not know', (_, body) => {
    expect(() => requestMessages(body)).toThrow(
      expect.objectContaining({ code: 'PARAPET_ADAPTER_PART_UNKNOWN' }),
    )
  })
})
