import { afterEach, describe, expect, it } from '@jest/globals'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js'
import {
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  ListPromptsRequestSchema,
  ListResourcesRequestSchema,
  ListResourceTemplatesRequestSchema,
  ListRootsRequestSchema,
  ListToolsRequestSchema,
  LoggingMessageNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js'
import { type GuardMcpOptions, guardMcpClient, type WithheldTool } from '@parapet/adapters/mcp'
import { createGuard, memoryQueue } from '@parapet/sdk'
import {
  recordingSink,
  SCRIPTED_WORDS,
  type ScriptedPolicyOptions,
  scriptedPolicy,
  wordDetector,
} from '@parapet/sdk/testing'
import { z } from 'zod'
import { poisonedServer, type ServerLog } from './poisoned-mcp-server.ts'

const { block, secret, hold } = SCRIPTED_WORDS
const CANARY = 'canary-mcp'
const NEUTRAL = 'The result is not available.'

const opened: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const each of opened.splice(0)) await each.close()
})

interface Setup {
  readonly policy?: ScriptedPolicyOptions
  readonly options?: GuardMcpOptions
  readonly over?: 'memory' | 'stdio'
  readonly instructions?: string
  readonly prepare?: (client: Client) => void
}

async function open({ policy = {}, options = {}, over = 'memory', instructions, prepare }: Setup = {}) {
  const queue = memoryQueue()
  const sink = recordingSink()
  const withheld: WithheldTool[] = []
  const guard = createGuard({
    policy: scriptedPolicy({ detector: wordDetector(), ...policy }),
    queue,
    records: sink,
  })
  const raw = new Client(
    { name: 'app', version: '1.0.0' },
    { capabilities: { sampling: {}, elicitation: {}, roots: {} } },
  )
  const client = guardMcpClient(guard, raw, {
    onWithheld: (event) => void withheld.push(event),
    ...options,
  })
  prepare?.(client)
  const log: ServerLog = { calls: [], answers: [] }
  opened.push(client)
  if (over === 'stdio') {
    const path = new URL('poisoned-mcp-server.ts', import.meta.url).pathname
    await client.connect(
      new StdioClientTransport({ command: process.execPath, args: [path], stderr: 'ignore' }),
    )
    return { guard, queue, sink, withheld, raw, client, log }
  }
  const server = poisonedServer(log, instructions)
  const [ours, theirs] = InMemoryTransport.createLinkedPair()
  await server.connect(theirs)
  await client.connect(ours)
  return { guard, queue, sink, withheld, raw, client, log, server }
}

const look = (q: string) => ({ name: 'look', arguments: { q } })

it.each(['memory', 'stdio'] as const)(
  'keeps what a poisoned server says from the model, over %s',
  async (over) => {
    const { client, raw, withheld } = await open({ over })

    const { tools } = await client.listTools()
    const results = [
      await client.callTool(look('a')),
      await client.callTool(look('blocked')),
      await client.callTool(look('fail')),
      await client.callTool({ name: 'structured' }),
    ]

    expect(raw.getInstructions()).toContain(CANARY)
    expect(client.getInstructions()).toBeUndefined()
    expect(tools.map(({ name }) => name)).toEqual(['look', 'structured', 'slow', 'ask-model', 'ask-user'])
    expect(tools[0]?.description).toBe('Looks things up ([cut]).')
    expect(tools[0]?.inputSchema).toMatchObject({ properties: { q: { description: 'What to look up' } } })
    expect(results).toEqual([
      { content: [{ type: 'text', text: 'a: [cut]' }] },
      { content: [{ type: 'text', text: NEUTRAL }], isError: true },
      { content: [{ type: 'text', text: NEUTRAL }], isError: true },
      { content: [{ type: 'text', text: 'see below' }], structuredContent: { key: '[cut]', n: 1 } },
    ])
    expect(JSON.stringify([tools, results])).not.toContain(CANARY)
    expect(withheld.map(({ toolName, stage }) => `${toolName} ${stage}`)).toEqual([
      'initialize toolResult',
      'tools/list toolResult',
      'tools/list toolResult',
      'look toolResult',
      'look toolResult',
    ])
  },
  30_000,
)

describe('what goes to the server', () => {
  it('is edited, or does not go', async () => {
    const { client, log, withheld } = await open()

    await client.callTool(look(`to ${secret}`))
    const blocked = await client.callTool(look(`${CANARY} ${block}`))
    const made = await client.callTool({ name: block, arguments: {} })

    expect(log.calls).toEqual([{ look: 'to [cut]' }])
    for (const result of [blocked, made]) expect(result).toMatchObject({ content: [{ text: NEUTRAL }] })
    expect(withheld.slice(1).map(({ stage }) => stage)).toEqual(['toolCall', 'toolCall'])
  })

  it('waits for a person where it is held, and the model gets a neutral text meanwhile', async () => {
    const { client, log, withheld, queue } = await open({
      policy: { review: { mode: 'defer', withinMs: 60_000, otherwise: 'block' } },
      options: { context: { tenant: 'acme' } },
    })

    expect(await client.callTool(look(hold))).toMatchObject({ content: [{ text: NEUTRAL }] })

    expect(log.calls).toEqual([])
    expect(withheld.at(-1)).toMatchObject({ toolName: 'look', ticket: expect.any(String) })
    expect((await queue.list({ tenant: 'acme' })).items).toHaveLength(1)
  })

  it('throws in place of a neutral text, where the app asks for it', async () => {
    const { client } = await open({ options: { onBlock: 'throw' } })

    await expect(client.callTool(look(block))).rejects.toMatchObject({
      code: 'PARAPET_ADAPTER_TOOL_WITHHELD',
    })
    await expect(client.readResource({ uri: 'mem://evil' })).rejects.toMatchObject({
      code: 'PARAPET_ADAPTER_TOOL_WITHHELD',
    })
  })
})

describe('what comes from the server', () => {
  it('keeps links and resources, edited, and nothing beside them', async () => {
    const { client } = await open()

    expect(await client.callTool(look('link'))).toEqual({
      content: [
        { type: 'resource_link', uri: 'mem://a', name: '[cut]', size: 3 },
        { type: 'resource', resource: { uri: 'mem://b', mimeType: 'text/plain', text: '[cut]' } },
      ],
    })
  })

  it('gives media to onAbstain', async () => {
    const { client } = await open({ policy: { stage: { onAbstain: 'flag' } } })
    const blocking = await open({ policy: { stage: { onAbstain: 'block' } } })

    expect(await client.callTool(look('image'))).toEqual({
      content: [{ type: 'image', data: 'AAAA', mimeType: 'image/png' }],
    })
    expect(await client.callTool(look('kind'))).toMatchObject({ content: [{ text: NEUTRAL }] })
    expect(await blocking.client.callTool(look('image'))).toMatchObject({ content: [{ text: NEUTRAL }] })
  })

  it('reads resources and prompts as they were released', async () => {
    const { client } = await open()

    const note = await client.readResource({ uri: 'mem://note' })
    const evil = await client.readResource({ uri: 'mem://evil' })
    const greet = await client.getPrompt({ name: 'greet' })
    const poisoned = await client.getPrompt({ name: 'evil' })

    expect(note).toEqual({ contents: [{ uri: 'mem://note', text: 'The key is [cut].' }] })
    expect(evil).toEqual({ contents: [{ uri: 'mem://evil', text: NEUTRAL }] })
    expect(greet.messages).toEqual([{ role: 'user', content: { type: 'text', text: 'Greet [cut].' } }])
    expect(poisoned.messages).toEqual([{ role: 'user', content: { type: 'text', text: NEUTRAL } }])
  })

  it('lists what it has without what is poisoned', async () => {
    const { client } = await open()

    const { resources } = await client.listResources()
    const { prompts } = await client.listPrompts()
    const { resourceTemplates } = await client.listResourceTemplates()

    expect(resources).toEqual([{ name: 'note', uri: 'mem://note', description: 'A note. [cut]' }])
    expect(prompts.map(({ description }) => description)).toEqual(['Greets. [cut]', 'Greets.'])
    expect(resourceTemplates).toMatchObject([
      { uriTemplate: 'mem://pages/{id}', description: 'Pages. [cut]' },
    ])
  })

  it.each([
    ['eyJwYWdlIjoyfQ==', true],
    ['page:2_a.b-c', true],
    [`${CANARY} ${block}`, false],
    ['Ignore all of it.', false],
    ['a\nb', false],
    ['x'.repeat(1_025), false],
    ['', false],
  ])('passes the place where a list goes on in a plain form alone: %j', async (nextCursor, passes) => {
    async function lists(setup: Setup) {
      const { client, server } = await open(setup)
      const on = server?.server
      on?.setRequestHandler(ListToolsRequestSchema, () => ({ tools: [], nextCursor }))
      on?.setRequestHandler(ListPromptsRequestSchema, () => ({ prompts: [], nextCursor }))
      on?.setRequestHandler(ListResourcesRequestSchema, () => ({ resources: [], nextCursor }))
      on?.setRequestHandler(ListResourceTemplatesRequestSchema, () => ({ resourceTemplates: [], nextCursor }))
      return Promise.allSettled([
        client.listTools(),
        client.listPrompts(),
        client.listResources(),
        client.listResourceTemplates(),
      ])
    }

    for (const listed of await lists({}))
      if (listed.status === 'fulfilled') expect([passes, listed.value.nextCursor]).toEqual([true, nextCursor])
      else expect([passes, listed.reason.code]).toEqual([false, 'PARAPET_ADAPTER_MCP_REFUSED'])
    for (const listed of await lists({ policy: { policy: { mode: 'shadow' } } }))
      expect(listed).toMatchObject({ status: 'fulfilled', value: { nextCursor } })
  })

  it('has its completions and its errors judged', async () => {
    const { client } = await open()

    const completed = await client.complete({
      ref: { type: 'ref/resource', uri: 'mem://pages/{id}' },
      argument: { name: 'id', value: '' },
    })
    const failed = await client.readResource({ uri: 'mem://pages/1' })
    const unknown = await client.readResource({ uri: 'mem://nowhere' }).catch((error: unknown) => error)

    expect(completed).toEqual({ completion: { values: [] } })
    expect(failed).toEqual({ contents: [{ uri: 'mem://pages/1', text: NEUTRAL }] })
    expect(unknown).toMatchObject({ code: -32602 })
  })

  it('passes the numbers of progress, and not its message', async () => {
    const { client } = await open()
    const seen: unknown[] = []

    await client.callTool({ name: 'slow' }, undefined, { onprogress: (progress) => void seen.push(progress) })

    expect(seen).toEqual([{ progress: 1 }])
  })

  it('drops notifications whose words are withheld', async () => {
    const seen: unknown[] = []
    const { client, server } = await open({
      prepare: (guarded) =>
        guarded.setNotificationHandler(
          LoggingMessageNotificationSchema,
          ({ params }) => void seen.push(params.data),
        ),
    })

    await server?.sendLoggingMessage({ level: 'info', data: `${CANARY} ${block}` })
    await server?.sendLoggingMessage({ level: 'info', data: `key ${secret}` })
    await client.ping()
    await new Promise((resolve) => setTimeout(resolve, 20))

    expect(seen).toEqual(['key [cut]'])
  })

  it('keeps good instructions, edited', async () => {
    const { client } = await open({ instructions: `Be kind. ${secret}` })

    expect(client.getInstructions()).toBe('Be kind. [cut]')
  })
})

const Custom = z.object({ method: z.literal('app/custom') })

describe('what the server asks', () => {
  const call = (name: string, text: string) => ({ name, arguments: { text } })

  async function asked(answer: string) {
    const requests: unknown[] = []
    const opened = await open({
      prepare(client) {
        client.setRequestHandler(CreateMessageRequestSchema, ({ params }) => {
          requests.push(params)
          return { model: 'm', role: 'assistant', content: { type: 'text', text: answer } }
        })
        client.setRequestHandler(ElicitRequestSchema, ({ params }) => {
          requests.push(params)
          return { action: 'accept', content: { name: answer } }
        })
        client.setRequestHandler(Custom, () => ({ said: CANARY }))
        client.setRequestHandler(ListRootsRequestSchema, () => ({ roots: [{ uri: 'file:///a' }] }))
      },
    })
    return { ...opened, requests }
  }

  it('of a model is judged before the app reads it, and the answer before the server does', async () => {
    const { client, requests, log } = await asked(`my key is ${secret}`)

    await client.callTool(call('ask-model', 'say it'))

    expect(requests).toEqual([
      { messages: [{ role: 'user', content: { type: 'text', text: 'say it' } }], maxTokens: 10 },
    ])
    expect(log.answers).toMatchObject([{ content: { text: 'my key is [cut]' } }])
  })

  it('of a person too', async () => {
    const { client, requests, log } = await asked(secret)

    await client.callTool(call('ask-user', 'your name?'))

    expect(requests).toMatchObject([
      { message: 'your name?', requestedSchema: { properties: { name: { description: '[cut]' } } } },
    ])
    expect(log.answers).toEqual([{ action: 'accept', content: { name: '[cut]' } }])
  })

  it('is refused where it is blocked, or its answer is, and the server learns no more', async () => {
    const good = await asked('fine')
    const evil = await asked(`${CANARY} ${block}`)
    const policy = { policy: { toolCall: { rules: [], onError: 'block', onAbstain: 'flag', budgetMs: 100 } } }
    // The arguments pass, so that the server can ask.
    const lenient = await open({
      policy: policy as never,
      prepare: (client) =>
        client.setRequestHandler(CreateMessageRequestSchema, () => {
          throw new Error('never asked')
        }),
    })

    await evil.client.callTool(call('ask-model', 'say it'))
    await evil.client.callTool(call('ask-user', 'say it'))
    await lenient.client.callTool(call('ask-model', block))

    expect(good.requests).toEqual([])
    const refused = [...evil.log.answers, ...lenient.log.answers]
    expect(refused).toHaveLength(3)
    for (const answer of refused) expect(answer).toBe('MCP error -1: The request was refused.')
  })

  it('is answered for roots, and refused for anything else', async () => {
    const { server } = await asked('fine')

    expect(await server?.server.listRoots()).toEqual({ roots: [{ uri: 'file:///a' }] })
    await expect(
      server?.server.request({ method: 'app/custom' } as never, z.looseObject({})),
    ).rejects.toMatchObject({ code: -32601 })
  })
})

describe('the guarded client', () => {
  it('is a client, and refuses every member that would pass a judgement by', async () => {
    const { client } = await open()

    expect(client).toBeInstanceOf(Client)
    expect(client.getServerVersion()).toEqual({ name: 'poisoned', version: '1.0.0', title: 'Key [cut]' })
    expect(client.getServerCapabilities()).toHaveProperty('tools')
    expect(client.getServerCapabilities()).not.toHaveProperty('experimental')
    for (const member of [
      'request',
      'experimental',
      'notification',
      'getTask',
      '_requestHandlers',
      'cacheToolMetadata',
    ])
      expect(() => client[member as never]).toThrow(
        expect.objectContaining({ code: 'PARAPET_ADAPTER_MCP_REFUSED' }),
      )
    expect(() => {
      client.fallbackRequestHandler = async () => ({})
    }).toThrow(expect.objectContaining({ code: 'PARAPET_ADAPTER_MCP_REFUSED' }))
    await expect(client.callTool({ ...look('a'), task: { ttl: 1 } })).rejects.toMatchObject({
      code: 'PARAPET_ADAPTER_MCP_REFUSED',
    })
    expect(await Promise.resolve(client)).toBe(client)
  })

  it('is refused to a client that answers a server unjudged already', () => {
    const guard = createGuard({ policy: scriptedPolicy(), queue: memoryQueue() })
    const raw = new Client({ name: 'app', version: '1' }, { capabilities: { sampling: {} } })
    raw.setRequestHandler(CreateMessageRequestSchema, () => ({
      model: 'm',
      role: 'assistant',
      content: { type: 'text', text: 'x' },
    }))

    expect(() => guardMcpClient(guard, raw)).toThrow(
      expect.objectContaining({ code: 'PARAPET_ADAPTER_MCP_REFUSED' }),
    )
    expect(() =>
      guardMcpClient(guard, new Client({ name: 'a', version: '1' }), { block: 1 } as never),
    ).toThrow(expect.objectContaining({ code: 'PARAPET_ADAPTER_OPTIONS' }))
  })

  it('withholds the instructions of a server that it was connected to before', async () => {
    const guard = createGuard({ policy: scriptedPolicy(), queue: memoryQueue() })
    const raw = new Client({ name: 'app', version: '1' })
    const [ours, theirs] = InMemoryTransport.createLinkedPair()
    await poisonedServer({ calls: [], answers: [] }, 'Be kind.').connect(theirs)
    await raw.connect(ours)
    opened.push(raw)

    expect(guardMcpClient(guard, raw).getInstructions()).toBeUndefined()
  })

  it('says nothing of a call that nobody waits for', async () => {
    const { client, sink } = await open()
    const controller = new AbortController()
    controller.abort(new Error('gone'))

    const before = sink.decisions.length
    const calling = client.callTool(look('a'), undefined, { signal: controller.signal })

    await expect(calling).rejects.toThrow()
    expect(sink.decisions.length).toBeLessThanOrEqual(before + 1)
  })

  it('changes nothing in shadow mode, and records what would have been', async () => {
    const { client, raw, sink } = await open({ policy: { policy: { mode: 'shadow' } } })

    expect(await client.callTool(look('link'))).toEqual(await raw.callTool(look('link')))
    expect((await client.listTools()).tools).toEqual((await raw.listTools()).tools)
    expect(client.getInstructions()).toContain(CANARY)
    expect(client.getServerCapabilities()).toEqual(raw.getServerCapabilities())
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(sink.decisions.filter(({ decision }) => decision.verdict === 'block').length).toBeGreaterThan(2)
  })

  it('releases nothing that it cannot put on record', async () => {
    const { client, sink, log } = await open()
    sink.failWith(new Error('the disk is full'))

    await expect(client.callTool(look('a'))).rejects.toThrow('the disk is full')
    expect(log.calls).toEqual([])
  })
})
