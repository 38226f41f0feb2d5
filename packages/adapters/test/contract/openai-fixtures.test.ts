import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { guardOpenAI } from '@parapet/adapters/openai'
import { createGuard, memoryQueue } from '@parapet/sdk'
import { scriptedPolicy, wordDetector } from '@parapet/sdk/testing'
import fc from 'fast-check'
import { HttpResponse, http } from 'msw'
import { setupServer } from 'msw/node'
import OpenAI from 'openai'
import { bodyOf, eventsOf, wireBench } from './wire-bench.ts'

const FOLDER = join(import.meta.dirname, '__fixtures__/openai')
const read = (name: string) => readFileSync(join(FOLDER, name))
const STREAMS = readdirSync(FOLDER).filter((name) => name.endsWith('.chunks.txt'))
const isChat = (name: string) => name.startsWith('chat')

const server = setupServer()
beforeAll(() => server.listen({ onUnhandledFrame: 'error' }))
afterAll(() => server.close())

const guard = () =>
  createGuard({ policy: scriptedPolicy({ detector: wordDetector() }), queue: memoryQueue() })

/** The real client, guarded, in front of a provider that sends these bytes in these pieces. */
function clientFor(pieces: readonly Uint8Array[], type = 'text/event-stream') {
  const headers = { 'content-type': type, 'transfer-encoding': 'chunked' }
  server.resetHandlers(
    http.post('https://provider.test/v1/*', () => new HttpResponse(bodyOf(pieces), { headers })),
  )
  const own = new OpenAI({
    apiKey: 'none',
    baseURL: 'https://provider.test/v1',
    logLevel: 'off',
    maxRetries: 0,
  })
  return guardOpenAI(own, guard())
}

const every = (bytes: Uint8Array, size: number) =>
  Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
    bytes.subarray(index * size, (index + 1) * size),
  )

const TOOL = { type: 'function' as const, function: { name: 'look_up', parameters: {} } }
const chat = {
  model: 'gpt-5-mini',
  n: 1,
  messages: [{ role: 'user' as const, content: 'hi' }],
  tools: [TOOL],
}
const respond = {
  model: 'gpt-5-mini',
  input: 'hi',
  tools: [{ type: 'function' as const, name: 'look_up', parameters: {}, strict: true }],
}

describe('wire fixtures through the real client', () => {
  it('each say when, where from and how they were made', () => {
    expect(STREAMS.length).toBeGreaterThan(4)
    for (const name of STREAMS)
      expect(JSON.parse(read(name.replace(/\.\d+\.chunks\.txt$/, '.meta.json')).toString())).toMatchObject({
        date: expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
        endpoint: expect.stringMatching(/^POST /),
        sdk: expect.stringMatching(/^openai \d/),
        recorded: expect.any(Boolean),
        how: expect.any(String),
      })
  })

  it('chat-text, a byte at a time', async () => {
    const runner = clientFor(every(read('chat-text.1.chunks.txt'), 1)).chat.completions.stream(chat)

    const completion = await runner.finalChatCompletion()

    expect(completion.choices).toMatchObject([
      {
        finish_reason: 'stop',
        message: { content: 'Grüße aus Zürich 👋🏽: "ja" \\o/ the key is [cut], keep it.', refusal: null },
      },
    ])
    expect(completion.usage?.total_tokens).toBe(42)
  })

  it('chat-tools: both calls, by their decoded arguments', async () => {
    const runner = clientFor([read('chat-tools.1.chunks.txt')]).chat.completions.stream(chat)

    const { choices } = await runner.finalChatCompletion()

    expect(choices[0]?.finish_reason).toBe('tool_calls')
    expect(
      choices[0]?.message.tool_calls?.map((call) => [
        call.id,
        call.type === 'function' ? JSON.parse(call.function.arguments) : call.type,
      ]),
    ).toEqual([
      ['call_A1', { city: 'Zürich', note: '[cut]' }],
      ['call_B2', { city: 'Bern' }],
    ])
  })

  it('chat-choices: each of them', async () => {
    const runner = clientFor([read('chat-choices.1.chunks.txt')]).chat.completions.stream({ ...chat, n: 2 })

    const { choices } = await runner.finalChatCompletion()

    expect(choices.map(({ message, finish_reason: reason }) => [message.content, reason])).toEqual([
      ['One [cut].', 'stop'],
      ['Two is fine.', 'length'],
    ])
  })

  it('chat-refusal', async () => {
    const runner = clientFor([read('chat-refusal.1.chunks.txt')]).chat.completions.stream(chat)

    const { choices } = await runner.finalChatCompletion()

    expect(choices[0]?.message).toMatchObject({
      content: null,
      refusal: "I'm sorry, I cannot help with [cut].",
    })
  })

  it('chat-whole, without its log-probabilities', async () => {
    const client = clientFor([read('chat-whole.1.json')], 'application/json')

    const completion = await client.chat.completions.create(chat)

    expect(completion.choices).toEqual([
      {
        index: 0,
        message: { role: 'assistant', content: 'It is [cut].', refusal: null },
        logprobs: null,
        finish_reason: 'stop',
      },
    ])
  })

  it('responses-all, streamed a few bytes at a time and whole: the same', async () => {
    const streamed = clientFor(every(read('responses-all.1.chunks.txt'), 3)).responses.stream(respond)
    const ofStream = await streamed.finalResponse()
    const whole = await clientFor([read('responses-all.2.json')], 'application/json').responses.create(
      respond,
    )

    expect(ofStream.output_text).toBe('Zürich: 18 °C, "sunny" 👋🏽. Key [cut].')
    expect(whole.output).toEqual([
      // Sealed reasoning is not edited: it ends before the edit, and its seal is gone.
      { id: 'rs_68af4031', type: 'reasoning', summary: [{ type: 'summary_text', text: '**Look** at ' }] },
      {
        id: 'ws_68af4032',
        type: 'web_search_call',
        status: 'completed',
        action: { type: 'search', query: 'weather Zürich' },
      },
      {
        id: 'msg_68af4033',
        type: 'message',
        role: 'assistant',
        status: 'completed',
        content: [
          {
            type: 'output_text',
            text: 'Zürich: 18 °C, "sunny" 👋🏽. Key [cut].',
            annotations: [
              {
                type: 'url_citation',
                title: 'Wetter Zürich',
                url: 'https://example.com/wetter?utm_source=openai',
              },
            ],
            logprobs: [],
          },
        ],
      },
      {
        id: 'fc_68af4034',
        type: 'function_call',
        status: 'completed',
        call_id: 'call_C3',
        name: 'look_up',
        arguments: '{"city":"Z\\u00fcrich","key":"[cut]"}',
      },
    ])
    const withoutParsed = (output: unknown) =>
      JSON.parse(
        JSON.stringify(output, (key, value) => (/^parsed/.test(key) ? undefined : (value as unknown))),
      )
    expect(withoutParsed(ofStream.output)).toEqual(whole.output)
    expect(ofStream.usage?.total_tokens).toBe(84)
  })
})

describe('wherever a stream is cut', () => {
  it.each(STREAMS)('%s gives the same', async (name) => {
    const bytes = read(name)
    const ask = async (pieces: readonly Uint8Array[]) => {
      const { chat: askChat, respond: askResponses } = wireBench(pieces, {
        release: { windowCharacters: 40 },
      })
      const request = { stream: true, ...(isChat(name) ? { tools: [TOOL] } : { tools: respond.tools }) }
      const events = await eventsOf(await (isChat(name) ? askChat : askResponses)(request))
      return JSON.stringify(events).replaceAll(/"decisionId":"[^"]+"/g, '')
    }
    const uncut = await ask([bytes])

    expect(await ask(every(bytes, 1))).toBe(uncut)
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(bytes.length), { maxLength: 8 }), async (places) => {
        const cuts = [...new Set([0, ...places, bytes.length])].sort((a, b) => a - b)
        const pieces = cuts.slice(1).map((place, index) => bytes.subarray(cuts[index], place))

        expect(await ask(pieces)).toBe(uncut)
      }),
      { numRuns: 15 },
    )
  })
})
