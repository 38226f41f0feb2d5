import type { UpstreamPart, UpstreamScript } from '@parapet/sdk/testing'
import { streamResponse } from '../wire/stream-response.ts'

type Json = Readonly<Record<string, unknown>>

/** How a provider of the client says an answer. */
export interface WireForm {
  /** Whole. */
  body(script: UpstreamScript): Json
  /** In pieces, but for the end. */
  pieces(script: UpstreamScript): Iterable<Json>
  /** What tells that a stream came to its end. */
  ending(script: UpstreamScript): readonly Json[]
}

const every7 = (text: string) => text.match(/[\s\S]{1,7}/g) ?? []
const cutOf = (script: UpstreamScript) => script.chunk ?? every7

/** Everything that stands beside the text in a provider's answer, and may repeat it. */
const sideDoor = ({ sideText }: UpstreamScript): Json => (sideText === undefined ? {} : { note: sideText })
const logprobs = ({ sideText }: UpstreamScript): Json =>
  sideText === undefined
    ? {}
    : { logprobs: { content: [{ token: sideText, logprob: -1, top_logprobs: [] }] } }

const textOf = (parts: readonly UpstreamPart[], kind: 'text' | 'reasoning') =>
  parts.map((part) => (part.kind === kind ? part.text : '')).join('')

/** A chat message has one text of each kind: what a script says of a kind stands together. */
function messageOf(parts: readonly UpstreamPart[], script: UpstreamScript): Json {
  const [reasoning, content] = [textOf(parts, 'reasoning'), textOf(parts, 'text')]
  const calls = parts.flatMap((part, index) =>
    part.kind === 'toolCall'
      ? [{ index, id: part.id, type: 'function', function: { name: part.name, arguments: part.input } }]
      : [],
  )
  const unknown = parts.find(({ kind }) => kind === 'unknown')
  return {
    role: 'assistant',
    ...(reasoning === '' ? {} : { reasoning_content: reasoning }),
    content: unknown ? [{ type: 'hologram', text: (unknown as { text: string }).text }] : content,
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
    ...sideDoor(script),
  }
}

const choicesOf = (script: UpstreamScript) => [script.parts, ...(script.choices ?? [])]
const usage = (script: UpstreamScript) => ({
  prompt_tokens: 3,
  completion_tokens: 10,
  total_tokens: 13,
  ...sideDoor(script),
})
const head = (script: UpstreamScript, object: string): Json => ({
  id: 'cmpl-1',
  object,
  created: 1_790_000_000,
  model: 'scripted',
  ...sideDoor(script),
})

export const CHAT_FORM: WireForm = {
  body: (script) => ({
    ...head(script, 'chat.completion'),
    choices: choicesOf(script).map((parts, index) => ({
      index,
      message: messageOf(parts, script),
      finish_reason: 'stop',
      ...logprobs(script),
    })),
    usage: usage(script),
  }),
  *pieces(script) {
    const cut = cutOf(script)
    const chunk = (index: number, delta: Json) => ({
      ...head(script, 'chat.completion.chunk'),
      choices: [{ index, delta, finish_reason: null, ...logprobs(script) }],
    })
    for (const [index, parts] of choicesOf(script).entries()) {
      const { reasoning_content = '', content, tool_calls: calls = [], ...others } = messageOf(parts, script)
      yield chunk(index, { ...others, content: '' })
      for (const piece of cut(String(reasoning_content))) yield chunk(index, { reasoning_content: piece })
      if (typeof content !== 'string') yield chunk(index, { content })
      else for (const piece of cut(content)) yield chunk(index, { content: piece })
      for (const { function: called, ...call } of calls as {
        index: number
        function: { name: string; arguments: string }
      }[]) {
        yield chunk(index, { tool_calls: [{ ...call, function: { name: called.name, arguments: '' } }] })
        for (const piece of cut(called.arguments))
          yield chunk(index, { tool_calls: [{ index: call.index, function: { arguments: piece } }] })
      }
    }
  },
  ending: (script) => [
    ...choicesOf(script).map((_, index) => ({
      ...head(script, 'chat.completion.chunk'),
      choices: [{ index, delta: {}, finish_reason: 'stop' }],
    })),
    { ...head(script, 'chat.completion.chunk'), choices: [], usage: usage(script) },
  ],
}

const token = (text: string, special = false) => ({ id: 1, text, logprob: -0.5, special })

/** The events of text-generation-inference, as an endpoint of one's own gives them. */
export const TOKENS_FORM: WireForm = {
  body: (script) => {
    const unknown = script.parts.find(({ kind }) => kind === 'unknown')
    // The client reads an answer of a text generation as that of a completion.
    const text = unknown ? [unknown] : textOf(script.parts, 'text')
    return {
      ...head(script, 'text_completion'),
      choices: [{ index: 0, text, finish_reason: 'stop', ...logprobs(script) }],
      usage: usage(script),
    }
  },
  *pieces(script) {
    const unknown = script.parts.find(({ kind }) => kind === 'unknown')
    if (unknown) yield { hologram: (unknown as { text: string }).text }
    let index = 0
    for (const text of cutOf(script)(textOf(script.parts, 'text')))
      yield {
        index: ++index,
        token: { ...token(text), ...sideDoor(script) },
        generated_text: null,
        details: null,
        top_tokens: [[token(script.sideText ?? '')]],
      }
  },
  ending: (script) => [
    {
      index: 99,
      token: token('</s>', true),
      generated_text: textOf(script.parts, 'text'),
      details: {
        finish_reason: 'eos_token',
        generated_tokens: 10,
        input_length: 3,
        prefill: [{ id: 1, text: script.sideText ?? 'Say', logprob: null }],
        tokens: [token(script.sideText ?? 'x')],
      },
      ...sideDoor(script),
    },
  ],
}

/** The chunks of a completion, as the Hub's own route gives them. */
export const CHUNKS_FORM: WireForm = {
  body: TOKENS_FORM.body,
  *pieces(script) {
    const unknown = script.parts.find(({ kind }) => kind === 'unknown')
    if (unknown) yield { object: 'hologram', text: (unknown as { text: string }).text }
    for (const text of cutOf(script)(textOf(script.parts, 'text')))
      yield {
        ...head(script, 'text_completion'),
        choices: [{ index: 0, text, finish_reason: null, ...logprobs(script) }],
      }
  },
  ending: (script) => [
    {
      ...head(script, 'text_completion'),
      choices: [{ index: 0, text: '', finish_reason: 'stop' }],
      usage: usage(script),
    },
  ],
}

/** An error that repeats the answer, as errors about malformed answers do. */
const broken = (script: UpstreamScript): Json => ({ error: `cannot read: ${JSON.stringify(script.parts)}` })

const frame = (data: string) => new TextEncoder().encode(`data: ${data}\n\n`)

function streamed(script: UpstreamScript, form: WireForm): Response {
  const whole = script.end === undefined || script.end === 'finish'
  const pieces = [
    ...form.pieces(script),
    ...(script.end === 'error' ? [broken(script)] : []),
    ...(whole ? form.ending(script) : []),
  ].map((piece) => JSON.stringify(piece))
  return streamResponse([...pieces, ...(whole ? ['[DONE]'] : [])].map(frame), {
    stall: script.end === 'stall',
  })
}

/** What a scripted provider answers. */
export function scriptedAnswer(
  script: UpstreamScript,
  form: WireForm,
  request: Json,
): Response | Promise<Response> {
  if (request['stream'] === true) return streamed(script, form)
  if (script.end === 'stall') return new Promise(() => {})
  if (script.end === 'error') return Response.json(broken(script), { status: 500 })
  return Response.json(form.body(script))
}
