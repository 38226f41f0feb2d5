import type { LanguageModelV4CallOptions, LanguageModelV4Content } from '@ai-sdk/provider'
import { describe, expect, it } from '@jest/globals'
import { guardMiddleware } from '@parapet/adapters/ai-sdk'
import { guardToolApproval, guardTools } from '@parapet/adapters/tools'
import { createGuard, memoryQueue } from '@parapet/sdk'
import {
  recordingSink,
  SCRIPTED_MESSAGE,
  SCRIPTED_WORDS,
  type ScriptedPolicyOptions,
  scriptedPolicy,
  type UpstreamPart,
  wordDetector,
} from '@parapet/sdk/testing'
import {
  createAgentUIStreamResponse,
  isStepCount,
  streamText,
  ToolLoopAgent,
  type ToolSet,
  tool,
  type UIMessage,
  wrapLanguageModel,
} from 'ai'
import { MockLanguageModelV4 } from 'ai/test'
import { z } from 'zod'
import { scriptedModel, USAGE } from './scripted-model.ts'

const { block, secret, hold } = SCRIPTED_WORDS
const CANARY = 'canary-83'
const body = z.object({ body: z.string() })
const defers = { review: { mode: 'defer', withinMs: 60_000, otherwise: 'block' } } as const

function open(policy: ScriptedPolicyOptions = {}) {
  const queue = memoryQueue()
  const sink = recordingSink()
  const guard = createGuard({
    policy: scriptedPolicy({ detector: wordDetector(), ...policy }),
    queue,
    records: sink,
  })
  return { guard, queue, sink }
}

/** A guarded model whose answers are given one a step. */
function stepping(guard: ReturnType<typeof open>['guard'], ...steps: readonly LanguageModelV4Content[][]) {
  const prompts: string[] = []
  let step = 0
  const next = ({ prompt }: LanguageModelV4CallOptions) => {
    prompts.push(JSON.stringify(prompt))
    const content = steps[step++] ?? [{ type: 'text' as const, text: 'Done.' }]
    const calls = content.some(({ type }) => type === 'tool-call')
    return { content, finishReason: { unified: calls ? 'tool-calls' : 'stop', raw: undefined } } as const
  }
  const upstream = new MockLanguageModelV4({
    doGenerate: async (call) => ({ ...next(call), usage: USAGE, warnings: [] }),
    doStream: async (call) => {
      const { content, finishReason } = next(call)
      return {
        stream: ReadableStream.from([
          { type: 'stream-start' as const, warnings: [] },
          ...content.flatMap((part, index) => {
            if (part.type !== 'text') return [part as never]
            const id = String(index)
            return [
              { type: 'text-start' as const, id },
              { type: 'text-delta' as const, id, delta: part.text },
              { type: 'text-end' as const, id },
            ]
          }),
          { type: 'finish' as const, finishReason, usage: USAGE },
        ]),
      }
    },
  })
  return { model: wrapLanguageModel({ model: upstream, middleware: guardMiddleware(guard) }), prompts }
}

const callOf = (text: string, id = 'c1'): LanguageModelV4Content => ({
  type: 'tool-call',
  toolCallId: id,
  toolName: 'send',
  input: JSON.stringify({ body: text }),
})

/** What a UI message stream says, event by event. */
const eventsOf = (text: string): Record<string, unknown>[] =>
  [...text.matchAll(/^data: (\{.*\})$/gm)].map(([, json = '']) => JSON.parse(json))

/** Everything of a decision that stays inside. */
function expectSilent(text: string, { sink }: Pick<ReturnType<typeof open>, 'sink'>): void {
  for (const { decision } of sink.decisions) {
    const inside = decision.reasons.flatMap((reason) => ('rule' in reason ? [reason.rule] : []))
    for (const word of [decision.policy.policyHash, decision.policy.bindingHash, ...inside])
      expect(text).not.toContain(word)
  }
  for (const word of [CANARY, 'threshold', '"score"', 'SECRET', 'ticket']) expect(text).not.toContain(word)
}

describe('what reaches the browser', () => {
  const responseOf = (parts: readonly UpstreamPart[], policy?: ScriptedPolicyOptions) => {
    const opened = open(policy)
    const { model: upstream } = scriptedModel({ parts, sideText: CANARY })
    const model = wrapLanguageModel({ model: upstream, middleware: guardMiddleware(opened.guard) })
    const response = streamText({
      model,
      prompt: 'hi',
      onError: () => undefined,
      include: { requestBody: true },
    }).toUIMessageStreamResponse({
      sendReasoning: true,
      sendSources: true,
      messageMetadata: ({ part }) => (part.type === 'finish' ? { reason: part.finishReason } : undefined),
    })
    return { ...opened, text: response.text() }
  }

  it.each([
    ['blocked', block, undefined],
    ['held', hold, defers],
  ])('of an answer that is %s: a decision id and the message, and nothing else', async (_, word, policy) => {
    const opened = responseOf([{ kind: 'text', text: `${CANARY} ${word}` }], policy)

    const text = await opened.text
    const decisionId = opened.sink.decisions.at(-1)?.decision.id
    const events = eventsOf(text)

    expectSilent(text, opened)
    expect(events.find(({ type }) => type === 'text-delta')).toMatchObject({ delta: SCRIPTED_MESSAGE })
    const metadata = events.flatMap(({ providerMetadata }) => (providerMetadata ? [providerMetadata] : []))
    expect(metadata.length).toBeGreaterThan(0)
    for (const each of metadata) expect(each).toEqual({ parapet: { decisionId } })
    for (const item of (await opened.queue.list()).items) expect(text).not.toContain(item.id)
  })

  it('of an answer that is edited: the edits, in every part', async () => {
    const opened = responseOf([
      { kind: 'reasoning', text: `I know ${secret}.`, signature: 'sig' },
      { kind: 'toolCall', id: 'c1', name: 'look', input: `{"q":"${secret}"}` },
      { kind: 'toolResult', id: 'c1', name: 'look', result: `"${secret}"` },
      { kind: 'source', url: 'https://example.com', title: secret },
      { kind: 'text', text: `It is ${secret}.` },
    ])

    const text = await opened.text

    expectSilent(text, opened)
    expect(text.split('[cut]').length - 1).toBeGreaterThanOrEqual(4)
    expect(eventsOf(text).map(({ type }) => type)).toEqual(
      expect.arrayContaining([
        'reasoning-delta',
        'tool-output-available',
        'source-url',
        'text-delta',
        'finish',
      ]),
    )
  })

  it('of a request that is blocked: the provider never saw it', async () => {
    const opened = open()
    const { model, prompts } = stepping(opened.guard)

    const text = await streamText({ model, prompt: `${CANARY} ${block}` })
      .toUIMessageStreamResponse()
      .text()

    expect(prompts).toEqual([])
    expectSilent(text, opened)
    expect(text).toContain(SCRIPTED_MESSAGE)
  })
})

describe('an agent', () => {
  const send = (ran: unknown[]) =>
    tool({
      inputSchema: body,
      execute: async (input) => {
        ran.push(input)
        return `sent with ${secret}`
      },
    })
  const agentOf = (
    guard: ReturnType<typeof open>['guard'],
    model: ReturnType<typeof stepping>['model'],
    tools: ToolSet,
  ) => new ToolLoopAgent({ model, tools: guardTools(guard, tools), stopWhen: isStepCount(5) })

  it('streams its steps with arguments, results and text as they were released', async () => {
    const opened = open()
    const ran: unknown[] = []
    const { model, prompts } = stepping(
      opened.guard,
      [callOf(`to ${secret}`)],
      [{ type: 'text', text: `Sent to ${secret}.` }],
    )

    const streamed = await agentOf(opened.guard, model, { send: send(ran) }).stream({ prompt: 'Send it.' })
    const parts: unknown[] = []
    for await (const part of streamed.stream) parts.push(part)

    expect(ran).toEqual([{ body: 'to [cut]' }])
    expect(await streamed.text).toBe('Sent to [cut].')
    expect(prompts[1]).toContain('sent with [cut]')
    expect(JSON.stringify([parts, prompts])).not.toContain('SECRET')
  })

  it('runs no tool of a step that is blocked, and takes no further step', async () => {
    const opened = open()
    const ran: unknown[] = []
    const { model, prompts } = stepping(opened.guard, [
      callOf('fine'),
      { type: 'text', text: `${CANARY} ${block}` },
    ])

    const result = await agentOf(opened.guard, model, { send: send(ran) }).generate({ prompt: 'Send it.' })

    expect(ran).toEqual([])
    expect(prompts).toHaveLength(1)
    expect(result).toMatchObject({ text: SCRIPTED_MESSAGE, finishReason: 'content-filter' })
  })

  it('gives the browser a serialised stream of its steps without a word that was withheld', async () => {
    const opened = open()
    const { model } = stepping(opened.guard, [callOf('first')])
    const failing = tool({
      inputSchema: body,
      execute: (): string => {
        throw new Error(`${CANARY} ${block}`)
      },
    })
    const uiMessages: UIMessage[] = [{ id: 'm1', role: 'user', parts: [{ type: 'text', text: 'Send it.' }] }]

    const response = await createAgentUIStreamResponse({
      agent: agentOf(opened.guard, model, { send: failing }),
      uiMessages,
      onError: (error) => String(error),
    })
    const text = await response.text()

    expectSilent(text, opened)
    expect(eventsOf(text).find(({ type }) => type === 'tool-output-error')).toMatchObject({
      errorText: expect.stringContaining('The result is not available.'),
    })
    expect(text).toContain('Done.')
  })
})

describe('tools that the provider runs', () => {
  const call = { ...callOf('q'), providerExecuted: true } as LanguageModelV4Content
  const result = (said: string): LanguageModelV4Content => ({
    type: 'tool-result',
    toolCallId: 'c1',
    toolName: 'send',
    result: { said },
  })
  const search = { type: 'provider', id: 'mock.send', isProviderExecuted: true, args: {}, inputSchema: body }
  const agent = (opened: ReturnType<typeof open>, said: string) =>
    new ToolLoopAgent({
      model: stepping(opened.guard, [call, result(said), { type: 'text', text: 'Found.' }]).model,
      tools: guardTools(opened.guard, { send: search as never }) as ToolSet,
    })

  it('have their calls and results judged in the answer', async () => {
    const opened = open()

    const passed = await agent(opened, `it is ${secret}`).generate({ prompt: 'hi' })
    const blocked = await agent(open(), `${CANARY} ${block}`).generate({ prompt: 'hi' })

    expect(passed.text).toBe('Found.')
    expect(passed.toolResults).toMatchObject([{ output: { said: 'it is [cut]' }, providerExecuted: true }])
    expect(blocked).toMatchObject({ text: SCRIPTED_MESSAGE, finishReason: 'content-filter' })
    expect(JSON.stringify(blocked.steps)).not.toContain(CANARY)
  })

  it('are refused to a guard that speculates', async () => {
    const stage = { rules: [], onError: 'block', onAbstain: 'flag', budgetMs: 100 } as const
    const policy = scriptedPolicy({ policy: { input: stage, output: stage } })
    const guard = createGuard({ policy, speculate: true })
    const { model } = stepping(guard)

    await expect(
      new ToolLoopAgent({ model, tools: { send: search as never } }).generate({ prompt: 'hi' }),
    ).rejects.toMatchObject({ code: 'PARAPET_GUARD_SPECULATION_REFUSED' })
    expect((await new ToolLoopAgent({ model }).generate({ prompt: 'hi' })).text).toBe('Done.')
  })
})

describe('toolApproval', () => {
  it('asks the user in a stream, and a held call is denied whatever the user says', async () => {
    const opened = open(defers)
    const ran: unknown[] = []
    // Its own guard judges calls: the model's lets them pass.
    const lenient = open({
      policy: { output: { rules: [], onError: 'block', onAbstain: 'flag', budgetMs: 100 } },
    })
    const tools = {
      send: tool({ inputSchema: body, needsApproval: true, execute: (input) => void ran.push(input) }),
    }
    const run = async (text: string) => {
      const { model } = stepping(lenient.guard, [callOf(text)])
      const streamed = streamText({
        model,
        prompt: 'hi',
        tools,
        toolApproval: guardToolApproval(opened.guard),
        stopWhen: isStepCount(2),
      })
      return eventsOf(await streamed.toUIMessageStreamResponse().text()).map(({ type }) => type)
    }

    expect(await run('fine')).toContain('tool-approval-request')
    expect(await run(hold)).toContain('tool-output-denied')
    expect(ran).toEqual([])
    expect((await opened.queue.count()).open).toBe(1)
  })
})
