import type { UpstreamPart, UpstreamScript } from '@parapet/sdk/testing'
import { every7, type WireDialect } from './openai-provider.ts'

type Json = Record<string, unknown>

const HEAD = { id: 'chatcmpl-1', created: 1, model: 'scripted' }

/** Everything that stands beside the text in an answer, and may repeat it. */
const side = ({ sideText }: UpstreamScript): Json =>
  sideText === undefined ? {} : { system_fingerprint: `fp ${sideText}`, note: sideText }

const logprobs = ({ sideText }: UpstreamScript) =>
  sideText === undefined
    ? null
    : { content: [{ token: sideText, logprob: 0, bytes: [...Buffer.from(sideText)], top_logprobs: [] }] }

const usage = ({ sideText }: UpstreamScript) => ({
  prompt_tokens: 3,
  completion_tokens: 10,
  total_tokens: 13,
  ...(sideText === undefined ? {} : { note: sideText, details: { note: sideText, tokens: 3 } }),
})

/** A chat message has one text of each kind: what a script says of a kind stands together. */
function messageOf(parts: readonly UpstreamPart[], script: UpstreamScript): Json {
  const texts = (kind: 'text' | 'reasoning') =>
    parts.flatMap((part) => (part.kind === kind ? [part.text] : [])).join('')
  const unknown = parts.find((part) => part.kind === 'unknown')
  const of = <Kind extends UpstreamPart['kind']>(kind: Kind) =>
    parts.filter((part): part is Extract<UpstreamPart, { kind: Kind }> => part.kind === kind)
  const content = unknown ? [{ type: 'hologram', text: unknown.text }] : texts('text') || undefined
  const members: Json = {
    reasoning_content: texts('reasoning') || undefined,
    content,
    annotations: of('source').map(({ url, title }) => ({
      type: 'url_citation',
      url_citation: { url, title, start_index: 0, end_index: 1 },
    })),
    images: of('media').map(({ mediaType }) => ({
      type: 'image_url',
      image_url: { url: `data:${mediaType};base64,AAAA` },
    })),
    tool_calls: of('toolCall').map(({ id, name, input }) => ({
      id,
      type: 'function',
      function: { name, arguments: input },
    })),
    ...(script.sideText === undefined ? {} : { note: script.sideText }),
  }
  const said = (value: unknown) => value !== undefined && !(Array.isArray(value) && value.length === 0)
  return Object.fromEntries(Object.entries(members).filter(([, value]) => said(value)))
}

const choicesOf = ({ parts, choices = [] }: UpstreamScript) => [parts, ...choices]
const reasonOf = (parts: readonly UpstreamPart[]) =>
  parts.some(({ kind }) => kind === 'toolCall') ? 'tool_calls' : 'stop'

/** The deltas that say a message: texts and arguments in pieces, the rest in one. */
function* deltas(message: Json, chunk: (text: string) => readonly string[]): Generator<Json> {
  yield { role: 'assistant', content: '' }
  const { tool_calls: calls = [], ...others } = message
  for (const [name, value] of Object.entries(others)) {
    if (typeof value === 'string') for (const piece of chunk(value)) yield { [name]: piece }
    else yield { [name]: value }
  }
  for (const [index, call] of (calls as { function: { name: string; arguments: string } }[]).entries()) {
    yield { tool_calls: [{ ...call, index, function: { name: call.function.name, arguments: '' } }] }
    for (const piece of chunk(call.function.arguments))
      yield { tool_calls: [{ index, function: { arguments: piece } }] }
  }
}

/** Chat completions. */
export const chatDialect: WireDialect = {
  path: '/chat/completions',
  prompt: ({ messages }: { messages: unknown }) => JSON.stringify(messages),
  whole: (script) => ({
    ...HEAD,
    object: 'chat.completion',
    ...side(script),
    choices: choicesOf(script).map((parts, index) => ({
      index,
      message: { role: 'assistant', content: null, refusal: null, ...messageOf(parts, script) },
      logprobs: logprobs(script),
      finish_reason: reasonOf(parts),
    })),
    usage: usage(script),
  }),
  *events(script) {
    const event = (choices: unknown, more: Json = {}) =>
      `data: ${JSON.stringify({ ...HEAD, object: 'chat.completion.chunk', ...side(script), choices, ...more })}\n\n`
    for (const [index, parts] of choicesOf(script).entries())
      for (const delta of deltas(messageOf(parts, script), script.chunk ?? every7))
        yield event([{ index, delta, logprobs: logprobs(script), finish_reason: null }])
    if ((script.end ?? 'finish') !== 'finish') return
    for (const [index, parts] of choicesOf(script).entries())
      yield event([{ index, delta: {}, finish_reason: reasonOf(parts) }])
    yield event([], { usage: usage(script) })
    yield 'data: [DONE]\n\n'
  },
}
