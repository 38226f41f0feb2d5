import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { type RunningServer, serve } from '@parapet/adapters/server'
import { createGuard, memoryQueue } from '@parapet/sdk'
import { SCRIPTED_MESSAGE, SCRIPTED_WORDS, scriptedPolicy } from '@parapet/sdk/testing'
import OpenAI from 'openai'
import { pythonHas, startPython } from './python.ts'
import { chatAnswer, saying, scriptedUpstream } from './scripted-upstream.ts'
import { KEY } from './server-under-test.ts'

const { block, secret } = SCRIPTED_WORDS
const MASTER_KEY = 'sk-litellm-under-test'
const live = pythonHas('litellm') ? describe : describe.skip

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** A guardrail as it stands in LiteLLM's config; its name is asked for by each request. */
const guardrail = (guardrail_name: string, api_base: string, params: object) => ({
  guardrail_name,
  litellm_params: {
    guardrail: 'generic_guardrail_api',
    api_base,
    api_key: KEY,
    default_on: false,
    ...params,
  },
})

live('the LiteLLM proxy', () => {
  const folder = mkdtempSync(join(tmpdir(), 'parapet-litellm-'))
  let upstream: Awaited<ReturnType<typeof scriptedUpstream>>
  let servers: RunningServer[]
  let proxy: ReturnType<typeof startPython>
  let client: OpenAI

  beforeAll(async () => {
    const long = `${'word '.repeat(40)}${secret} ${'more '.repeat(40)}`
    upstream = await scriptedUpstream({
      fine: saying('Good morning'),
      secret: saying(`It is ${secret}, keep it`),
      bad: saying(`Well, ${block}`),
      long: saying(long),
      echo: (response, { body }) => {
        response.writeHead(200, { 'content-type': 'application/json' })
        response.end(JSON.stringify(chatAnswer(JSON.stringify(body['messages']))))
      },
    })
    const guardOf = (release: 'whole' | { windowCharacters: number }) =>
      createGuard({ policy: scriptedPolicy({ release }), queue: memoryQueue() })
    const keys = [{ tenant: 'gateway', key: KEY }]
    servers = await Promise.all([
      serve(guardOf('whole'), { port: 0, keys, closeTimeoutMs: 1_000 }),
      serve(guardOf({ windowCharacters: 40 }), { port: 0, keys, closeTimeoutMs: 1_000 }),
    ])
    const [whole = '', windows = ''] = servers.map(({ url }) => url)
    const config = {
      model_list: ['fine', 'secret', 'bad', 'long', 'echo'].map((name) => ({
        model_name: name,
        litellm_params: { model: `openai/${name}`, api_base: upstream.url, api_key: 'none' },
      })),
      guardrails: [
        guardrail('pre', whole, { mode: 'pre_call' }),
        guardrail('during', `${whole}/block-edits`, { mode: 'during_call' }),
        guardrail('post', whole, {
          mode: 'post_call',
          streaming_transform_mode: 'incremental_diff',
          streaming_end_of_stream_only: true,
        }),
        guardrail('post-windows', windows, {
          mode: 'post_call',
          streaming_transform_mode: 'incremental_diff',
        }),
        guardrail('post-blocks', `${whole}/block-edits`, {
          mode: 'post_call',
          streaming_buffer_until_moderated: true,
        }),
        guardrail('gone', 'http://127.0.0.1:9', { mode: 'pre_call' }),
      ],
      general_settings: { master_key: MASTER_KEY },
    }
    // JSON is YAML.
    const path = join(folder, 'config.yaml')
    writeFileSync(path, JSON.stringify(config))
    const port = await freePort()
    proxy = startPython(
      'from litellm.proxy.proxy_cli import run_server; run_server()',
      ['--config', path, '--host', '127.0.0.1', '--port', String(port)],
      { LITELLM_LOCAL_MODEL_COST_MAP: 'True', LITELLM_TELEMETRY: 'False' },
    )
    const said: Buffer[] = []
    proxy.stderr.on('data', (piece: Buffer) => said.push(piece))
    proxy.stdout.on('data', (piece: Buffer) => said.push(piece))
    for (;;) {
      if (proxy.exitCode !== null) throw new Error(Buffer.concat(said).toString())
      const alive = await fetch(`http://127.0.0.1:${port}/health/liveliness`).catch(() => undefined)
      if (alive?.ok) break
      await new Promise((resolve) => setTimeout(resolve, 500))
    }
    client = new OpenAI({ baseURL: `http://127.0.0.1:${port}/v1`, apiKey: MASTER_KEY, maxRetries: 0 })
  }, 300_000)

  afterAll(async () => {
    proxy?.kill('SIGKILL')
    await Promise.all((servers ?? []).map((server) => server.close()))
    await upstream?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  const body = (model: string, guardrails: readonly string[], content: string) =>
    ({ model, guardrails, messages: [{ role: 'user', content }] }) as const

  async function whole(model: string, guardrails: readonly string[], content = 'Hello') {
    const { choices } = await client.chat.completions.create(body(model, guardrails, content) as never)
    return (choices as { message: { content: string } }[])[0]?.message.content
  }

  async function streamed(model: string, guardrails: readonly string[]) {
    const asked = { ...body(model, guardrails, 'Hello'), stream: true } as never
    const stream = (await client.chat.completions.create(
      asked,
    )) as unknown as AsyncIterable<OpenAI.ChatCompletionChunk>
    const pieces: string[] = []
    for await (const { choices } of stream) pieces.push(choices[0]?.delta?.content ?? '')
    return pieces.filter((piece) => piece !== '')
  }

  const refusalOf = (work: Promise<unknown>) =>
    work.then(
      () => undefined,
      (error: unknown) => (error as Error).message,
    )
  const REASON = new RegExp(`${SCRIPTED_MESSAGE} \\(decision [0-9a-f-]{36}\\)`)

  it('lets pass, blocks and redacts before the call', async () => {
    const asked = upstream.asked.length

    const fine = await whole('fine', ['pre'])
    const echoed = await whole('echo', ['pre'], `my ${secret}`)
    const blocked = await refusalOf(whole('fine', ['pre'], block))

    expect(fine).toBe('Good morning')
    expect(echoed).toContain('my [cut]')
    expect(blocked).toMatch(REASON)
    expect(blocked).not.toMatch(/words|rule|score|threshold/)
    expect(upstream.asked.length - asked).toBe(2)
  }, 60_000)

  it('blocks beside the call, also what would have to be redacted', async () => {
    expect(await whole('fine', ['during'])).toBe('Good morning')
    expect(await refusalOf(whole('fine', ['during'], block))).toMatch(REASON)
    expect(await refusalOf(whole('fine', ['during'], `my ${secret}`))).toMatch(REASON)
  }, 60_000)

  it('lets pass, blocks and redacts after the call', async () => {
    expect(await whole('fine', ['post'])).toBe('Good morning')
    expect(await whole('secret', ['post'])).toBe('It is [cut], keep it')
    expect(await refusalOf(whole('bad', ['post']))).toMatch(REASON)
  }, 60_000)

  it('streams nothing before it was judged, edits made', async () => {
    expect((await streamed('fine', ['post'])).join('')).toBe('Good morning')
    expect((await streamed('secret', ['post'])).join('')).toBe('It is [cut], keep it')
    expect(await refusalOf(streamed('bad', ['post']))).toMatch(REASON)
  }, 60_000)

  it('streams window by window, where the policy releases windows', async () => {
    const pieces = await streamed('long', ['post-windows'])

    expect(pieces.length).toBeGreaterThan(2)
    expect(pieces.join('')).toContain('[cut]')
    expect(pieces.join('')).not.toContain('SECRET')
  }, 60_000)

  it('keeps a stream back until it was judged, and blocks what would have to be redacted', async () => {
    expect((await streamed('fine', ['post-blocks'])).join('')).toBe('Good morning')
    expect(await refusalOf(streamed('secret', ['post-blocks']))).toMatch(REASON)
  }, 60_000)

  it('fails closed when the server is gone', async () => {
    expect(await refusalOf(whole('fine', ['gone']))).toMatch(/Generic Guardrail API failed/)
  }, 60_000)
})
