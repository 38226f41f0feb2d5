import { describe, expect, it } from '@jest/globals'
import { createGuard, memoryQueue } from '@parapet/sdk'
import { judgedLog, type ScriptedPolicyOptions, scriptedPolicy, wordDetector } from '@parapet/sdk/testing'
import type { WireObject } from '../wire/wire-object.ts'
import { createGuardedMessage } from './guarded-message.ts'
import { eventsMessage, messageEvents } from './message-events.ts'
import { requestFacts } from './request-facts.ts'
import type { WireEvent } from './wire-events.ts'

/** What a caller gets of a whole message of these blocks, and what the detectors were shown. */
async function guarded(
  content: readonly WireObject[],
  policy: ScriptedPolicyOptions = {},
  request: WireObject = {},
) {
  const log = judgedLog()
  const guard = createGuard({
    policy: scriptedPolicy({ detector: wordDetector({ log }), ...policy }),
    queue: memoryQueue(),
  })
  const gate = guard.exchange({ messages: [] }).gate()
  const answer = createGuardedMessage(gate, requestFacts(request))
  const events: WireEvent[] = []
  for (const event of messageEvents({ type: 'message', content, stop_reason: 'end_turn' })) {
    const step = await answer.take(event)
    events.push(...step.events)
    if (step.over) break
  }
  const message = eventsMessage(events) as {
    readonly content: readonly WireObject[]
    readonly stop_reason: string
  }
  return { ...message, log }
}

const secret = 'SECRET-1234'
const result = (type: string, content: unknown): WireObject => ({ type, tool_use_id: 'c1', content })
const reads = (content: WireObject) => ({
  type: 'web_fetch_result',
  url: 'https://a.test',
  retrieved_at: null,
  content,
})

describe('a result of a tool that ran at the provider', () => {
  it.each<readonly [string, WireObject, readonly string[]]>([
    [
      'web search',
      result('web_search_tool_result', [
        { type: 'web_search_result', url: 'u', title: secret, page_age: null, encrypted_content: 'x+/=' },
      ]),
      ['u', secret],
    ],
    [
      'web fetch',
      result(
        'web_fetch_tool_result',
        reads({
          type: 'document',
          title: 't',
          citations: null,
          source: { type: 'text', media_type: 'text/plain', data: secret },
        }),
      ),
      ['https://a.test', secret, 't'],
    ],
    [
      'code execution',
      result('code_execution_tool_result', {
        type: 'code_execution_result',
        stdout: secret,
        stderr: 'e',
        return_code: 0,
        content: [],
      }),
      ['e', secret],
    ],
    [
      'sealed code execution',
      result('code_execution_tool_result', {
        type: 'encrypted_code_execution_result',
        encrypted_stdout: 'x',
        stderr: secret,
        return_code: 0,
        content: [],
      }),
      [secret],
    ],
    [
      'bash',
      result('bash_code_execution_tool_result', {
        type: 'bash_code_execution_result',
        stdout: secret,
        stderr: '',
        return_code: 1,
        content: [],
      }),
      [secret],
    ],
    [
      'a text editor',
      result('text_editor_code_execution_tool_result', {
        type: 'text_editor_code_execution_view_result',
        content: secret,
        file_type: 'text',
        num_lines: 1,
        start_line: 1,
        total_lines: 1,
      }),
      [secret],
    ],
    [
      'a text editor that replaces',
      result('text_editor_code_execution_tool_result', {
        type: 'text_editor_code_execution_str_replace_result',
        lines: ['a', secret],
        new_lines: 1,
        new_start: 1,
        old_lines: 1,
        old_start: 1,
      }),
      ['a', secret],
    ],
    [
      'a failing text editor',
      result('text_editor_code_execution_tool_result', {
        type: 'text_editor_code_execution_tool_result_error',
        error_code: 'unavailable',
        error_message: secret,
      }),
      [secret],
    ],
    [
      'a search for tools',
      result('tool_search_tool_result', {
        type: 'tool_search_tool_search_result',
        tool_references: [{ type: 'tool_reference', tool_name: secret }],
      }),
      [secret],
    ],
    [
      'an advisor',
      result('advisor_tool_result', { type: 'advisor_result', text: secret, stop_reason: 'end_turn' }),
      [secret],
    ],
    ['an MCP server’s text', { ...result('mcp_tool_result', secret), is_error: false }, [secret]],
    [
      'an MCP server’s blocks',
      { ...result('mcp_tool_result', [{ type: 'text', text: secret, citations: null }]), is_error: true },
      [secret],
    ],
    [
      'an MCP server’s tools',
      {
        type: 'mcp_tool_listing',
        mcp_server_name: 'desk',
        tools: [{ name: 'read', description: 'Reads.', input_schema: { properties: { of: secret } } }],
      },
      ['read', 'Reads.', 'properties', 'of', secret],
    ],
  ])('is judged and redacted: %s', async (_, block, texts) => {
    const { content, log } = await guarded([block])

    expect(log.texts('toolResult')).toEqual([texts.join('\n')])
    expect(content).toEqual([JSON.parse(JSON.stringify(block).replaceAll(secret, '[cut]'))])
  })

  it.each(['BLOCK-ME', '{"a":"BLOCK\\u002dME"}'])(
    'ends the answer where a rule blocks it: %s',
    async (said) => {
      const { content, stop_reason } = await guarded([
        result('mcp_tool_result', [{ type: 'text', text: said }]),
      ])

      expect(stop_reason).toBe('refusal')
      expect(content).toMatchObject([{ type: 'text', parapet: { decisionId: expect.any(String) } }])
    },
  )

  it('passes with an error’s code, which is no text', async () => {
    const block = result('web_search_tool_result', {
      type: 'web_search_tool_result_error',
      error_code: 'unavailable',
    })

    expect((await guarded([block])).content).toEqual([block])
  })

  it.each([
    [
      'files that code wrote',
      result('bash_code_execution_tool_result', {
        type: 'bash_code_execution_result',
        stdout: '',
        stderr: '',
        return_code: 0,
        content: [{ type: 'bash_code_execution_output', file_id: 'file_1' }],
      }),
    ],
    [
      'a fetched PDF',
      result(
        'web_fetch_tool_result',
        reads({
          type: 'document',
          title: null,
          citations: null,
          source: { type: 'base64', media_type: 'application/pdf', data: 'JVBERi0=' },
        }),
      ),
    ],
    ['a file in the container', { type: 'container_upload', file_id: 'file_1' }],
  ])('gives onAbstain: %s', async (_, block) => {
    expect((await guarded([block], { stage: { onAbstain: 'flag' } })).content).toEqual([block])
    expect((await guarded([block], { stage: { onAbstain: 'block' } })).stop_reason).toBe('refusal')
  })

  it('leaves out members that nobody knows, and what is not in its form', async () => {
    const { content } = await guarded([
      { type: 'mcp_tool_result', tool_use_id: 'any words', content: 'a', is_error: 'words', note: 'words' },
      { type: 'redacted_thinking', data: 'words with spaces', note: 'words' },
      {
        type: 'fallback',
        from: { model: 'a' },
        to: { model: 'b b' },
        trigger: { type: 'refusal', category: null },
      },
    ])

    expect(content).toEqual([
      { type: 'mcp_tool_result', tool_use_id: expect.stringMatching(/^parapet-/), content: 'a' },
      { type: 'redacted_thinking' },
      { type: 'fallback', from: { model: 'a' }, to: {}, trigger: { type: 'refusal', category: null } },
    ])
  })
})

describe('a call', () => {
  const call = (name: string, more: WireObject = {}): WireObject => ({
    type: 'tool_use',
    id: 'c1',
    name,
    input: {},
    ...more,
  })

  it('is judged by its name where nobody offered such a tool', async () => {
    const { content, log } = await guarded(
      [call(secret), { ...call('send'), id: 'c2' }],
      {},
      { tools: [{ name: 'send' }] },
    )

    expect(content).toMatchObject([{ name: '[cut]' }, { name: 'send' }])
    expect(log.texts('toolCall')).toEqual([secret])
  })

  it('keeps its caller, its server and its toolset', async () => {
    const caller = { type: 'code_execution_20260120', tool_id: 'srv_1' }
    const blocks = [
      call('click', { caller, toolset_name: 'browser' }),
      { type: 'mcp_tool_use', id: 'c2', name: 'read', server_name: 'desk', input: { a: [1] } },
    ]

    expect((await guarded(blocks)).content).toEqual(blocks)
  })
})

describe('thinking', () => {
  it('keeps its seal without a text, and loses it with an edit', async () => {
    const omitted = { type: 'thinking', thinking: '', signature: 'EqQB+/=' }
    const edited = { type: 'thinking', thinking: `Of ${secret}.`, signature: 'EqQB' }

    expect((await guarded([omitted, edited])).content).toEqual([
      omitted,
      { type: 'thinking', thinking: 'Of ', signature: '' },
    ])
  })

  it('is left out where its first word is edited', async () => {
    expect((await guarded([{ type: 'thinking', thinking: secret, signature: 's' }])).content).toEqual([])
  })
})

describe('the end of a message', () => {
  it('names a stop sequence that the developer gave, and no other', async () => {
    const end = async (request: WireObject) => {
      const guard = createGuard({ policy: scriptedPolicy(), queue: memoryQueue() })
      const answer = createGuardedMessage(guard.exchange({ messages: [] }).gate(), requestFacts(request))
      const events: WireEvent[] = []
      const message = { type: 'message', content: [], stop_reason: 'stop_sequence', stop_sequence: 'END' }
      for (const event of messageEvents(message)) events.push(...(await answer.take(event)).events)
      return eventsMessage(events)['stop_sequence']
    }

    expect(await end({ stop_sequences: ['END'] })).toBe('END')
    expect(await end({})).toBeNull()
  })
})
