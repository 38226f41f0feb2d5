import type { UpstreamPart, UpstreamScript } from '@parapet/sdk/testing'
import { streamResponse } from '../wire/stream-response.ts'

type Json = Readonly<Record<string, unknown>>

const every7 = (text: string) => text.match(/[\s\S]{1,7}/g) ?? []

/** Everything that stands beside the text in a provider's answer, and may repeat it. */
const sideDoor = ({ sideText }: UpstreamScript): Json =>
  sideText === undefined ? {} : { note: sideText, logprobs: [{ token: sideText }] }

const usage = (script: UpstreamScript): Json => ({ input_tokens: 3, output_tokens: 10, ...sideDoor(script) })

const envelope = (script: UpstreamScript): Json => ({
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'claude-scripted',
  content: [],
  container: null,
  diagnostics: script.sideText === undefined ? null : { cache_miss_reason: { text: script.sideText } },
  stop_reason: null,
  stop_sequence: null,
  stop_details: null,
  usage: usage(script),
  ...sideDoor(script),
})

const ending = (script: UpstreamScript): Json => ({
  stop_reason: 'end_turn',
  stop_sequence: script.sideText ?? null,
  stop_details:
    script.sideText === undefined ? null : { type: 'refusal', category: null, explanation: script.sideText },
  container: null,
})

/** A part as a block, whole. */
function toBlock(part: UpstreamPart, script: UpstreamScript): Json {
  switch (part.kind) {
    case 'text':
      return { type: 'text', text: part.text, citations: null, ...sideDoor(script) }
    case 'reasoning':
      return { type: 'thinking', thinking: part.text, signature: part.signature ?? '' }
    case 'toolCall': {
      const ran = script.parts.some((other) => other.kind === 'toolResult' && other.id === part.id)
      const type = ran ? 'mcp_tool_use' : 'tool_use'
      const { id, name } = part
      return { type, id, name, input: JSON.parse(part.input), ...(ran ? { server_name: 'desk' } : {}) }
    }
    case 'toolResult':
      return { type: 'mcp_tool_result', tool_use_id: part.id, is_error: false, content: part.result }
    case 'media':
      // A file of the provider's: its id is all that is known of it, so the script keeps the type there.
      return { type: 'container_upload', file_id: part.mediaType }
    case 'source': {
      const { url, title } = part
      const citation = {
        type: 'web_search_result_location',
        url,
        title,
        cited_text: '',
        encrypted_index: 'Eo8',
      }
      return { type: 'text', text: 'As found.', citations: [citation] }
    }
    case 'unknown':
      return { type: 'hologram', text: part.text }
  }
}

/** The events of a block: what streams begins empty. */
function* blockEvents(index: number, part: UpstreamPart, script: UpstreamScript): Generator<Json> {
  const block = toBlock(part, script)
  const cut = script.chunk ?? every7
  const start = (empty: Json) => ({
    type: 'content_block_start',
    index,
    content_block: { ...block, ...empty },
  })
  const delta = (change: Json) => ({ type: 'content_block_delta', index, delta: change, ...sideDoor(script) })
  switch (part.kind) {
    case 'text':
      yield start({ text: '' })
      for (const text of cut(part.text)) yield delta({ type: 'text_delta', text, ...sideDoor(script) })
      break
    case 'reasoning':
      yield start({ thinking: '', signature: '' })
      for (const thinking of cut(part.text)) yield delta({ type: 'thinking_delta', thinking })
      if (part.signature !== undefined) yield delta({ type: 'signature_delta', signature: part.signature })
      break
    case 'toolCall':
      yield start({ input: {} })
      for (const partial_json of cut(part.input)) yield delta({ type: 'input_json_delta', partial_json })
      break
    case 'source': {
      yield start({ text: '', citations: null })
      yield delta({ type: 'text_delta', text: block['text'] })
      for (const citation of block['citations'] as Json[]) yield delta({ type: 'citations_delta', citation })
      break
    }
    default:
      yield start({})
  }
  yield { type: 'content_block_stop', index }
}

/** The events of a scripted answer, but for how it ends. */
export function* scriptedEvents(script: UpstreamScript): Generator<Json> {
  yield { type: 'message_start', message: envelope(script) }
  yield { type: 'ping', ...sideDoor(script) }
  for (const [index, part] of script.parts.entries()) yield* blockEvents(index, part, script)
}

/** An error that repeats the answer, as errors about malformed answers do. */
const broken = (script: UpstreamScript): Json => ({
  type: 'error',
  error: { type: 'api_error', message: `cannot read: ${JSON.stringify(script.parts)}` },
})

const frame = (event: Json) =>
  new TextEncoder().encode(`event: ${event['type']}\ndata: ${JSON.stringify(event)}\n\n`)

const headers = ({ sideText }: UpstreamScript) => (sideText === undefined ? {} : { 'x-note': sideText })

function streamed(script: UpstreamScript): Response {
  const whole = script.end === undefined || script.end === 'finish'
  const events = [
    ...scriptedEvents(script),
    ...(script.end === 'error' ? [broken(script)] : []),
    ...(whole
      ? [{ type: 'message_delta', delta: ending(script), usage: usage(script) }, { type: 'message_stop' }]
      : []),
  ]
  return streamResponse(events.map(frame), { stall: script.end === 'stall', headers: headers(script) })
}

/** What a scripted provider answers to a request of the Messages API. */
export function scriptedResponse(script: UpstreamScript, request: Json): Response | Promise<Response> {
  if (request['stream'] === true) return streamed(script)
  if (script.end === 'stall') return new Promise(() => {})
  if (script.end === 'error') return Response.json(broken(script), { status: 400 })
  const content = script.parts.map((part) => toBlock(part, script))
  return Response.json({ ...envelope(script), ...ending(script), content }, { headers: headers(script) })
}
