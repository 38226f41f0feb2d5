import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

/** What an upstream does with a request, by the model that it asks for. */
export type Behaviour = (response: ServerResponse, asked: Asked) => void | Promise<void>

/** A request as the upstream got it. */
export interface Asked {
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: Record<string, unknown>
  /** Resolves when the connection ends before the answer does. */
  readonly left: Promise<void>
}

const chunk = (delta: object, finish: string | null = null) => ({
  id: 'chatcmpl-1',
  object: 'chat.completion.chunk',
  created: 1,
  model: 'm',
  choices: [{ index: 0, delta, finish_reason: finish }],
})
export const event = (data: unknown) => `data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`

/** A stream of chat completions that says these pieces. */
export const chatStream = (pieces: readonly string[]) =>
  [
    event(chunk({ role: 'assistant', content: '' })),
    ...pieces.map((content) => event(chunk({ content }))),
    event(chunk({}, 'stop')),
    event('[DONE]'),
  ].join('')

/** A chat completion that says this. */
export const chatAnswer = (content: string) => ({
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1,
  model: 'm',
  choices: [
    {
      index: 0,
      message: { role: 'assistant', content, refusal: null },
      finish_reason: 'stop',
      logprobs: null,
    },
  ],
  usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
})

/** Answers as asked: whole or streamed. */
export const saying =
  (content: string): Behaviour =>
  (response, { body }) => {
    if (body['stream'] === true) {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.end(chatStream(content.match(/.{1,7}/gsu) ?? []))
    } else {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(JSON.stringify(chatAnswer(content)))
    }
  }

/** A real server that plays an upstream by a script. */
export async function scriptedUpstream(models: Readonly<Record<string, Behaviour>>) {
  const asked: Asked[] = []
  const server = createServer((request, response) => {
    void (async () => {
      const left = new Promise<void>((resolve) => {
        response.on('close', () => {
          if (!response.writableFinished) resolve()
        })
      })
      const sent = await text(request)
      const body = (sent === '' ? {} : JSON.parse(sent)) as Record<string, unknown>
      const one: Asked = { path: request.url ?? '', headers: request.headers, body, left }
      asked.push(one)
      const behave = models[String(body['model'] ?? 'models')]
      if (behave) await behave(response, one)
      else
        response
          .writeHead(404, { 'content-type': 'application/json' })
          .end('{"error":{"code":"model_not_found"}}')
    })()
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    asked,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
