import type { UpstreamPart, UpstreamScript } from '@parapet/sdk/testing'
import { every7, type WireDialect } from './openai-provider.ts'

type Json = Record<string, unknown>
type Cut = (text: string) => readonly string[]

const side = ({ sideText }: UpstreamScript): Json =>
  sideText === undefined
    ? {}
    : { metadata: { note: sideText }, note: sideText, instructions: sideText, safety_identifier: sideText }

const logprobs = ({ sideText }: UpstreamScript) =>
  sideText === undefined ? [] : [{ token: sideText, logprob: 0, bytes: [], top_logprobs: [] }]

/** Parts as output items, one each. A source stands in the text before it. */
function itemsOf(script: UpstreamScript): Json[] {
  return script.parts.map((part, index): Json => {
    const id = `item_${index}`
    const status = 'completed'
    switch (part.kind) {
      case 'text':
        return message(id, [
          { type: 'output_text', text: part.text, annotations: [], logprobs: logprobs(script) },
        ])
      case 'reasoning':
        return {
          id,
          type: 'reasoning',
          summary: [{ type: 'summary_text', text: part.text }],
          ...(part.signature === undefined ? {} : { encrypted_content: part.signature }),
        }
      case 'toolCall':
        return { id, type: 'function_call', call_id: part.id, name: part.name, arguments: part.input, status }
      case 'toolResult':
        return { id, type: 'mcp_call', server_label: 'mcp', name: part.name, output: part.result, status }
      case 'media':
        return {
          id,
          type: 'image_generation_call',
          result: 'AAAA',
          output_format: part.mediaType.split('/')[1],
          status,
        }
      case 'source':
        return message(id, [
          { type: 'output_text', text: 'On it.', annotations: [citation(part)], logprobs: [] },
        ])
      default:
        return { id, type: 'hologram', text: part.text }
    }
  })
}

const message = (id: string, content: readonly Json[]): Json => ({
  id,
  type: 'message',
  role: 'assistant',
  status: 'completed',
  content,
})

const citation = ({ url, title }: Extract<UpstreamPart, { kind: 'source' }>): Json => ({
  type: 'url_citation',
  url,
  title,
  start_index: 0,
  end_index: 1,
})

function responseOf(script: UpstreamScript, status: string): Json {
  const done = status === 'completed'
  return {
    id: 'resp_1',
    object: 'response',
    created_at: 1,
    model: 'scripted',
    status,
    error: null,
    incomplete_details: null,
    output: done ? itemsOf(script) : [],
    ...side(script),
    usage: done ? { input_tokens: 3, output_tokens: 10, total_tokens: 13, note: script.sideText } : null,
  }
}

/** The events of one item: texts and arguments in pieces. */
function* itemEvents(item: Json, at: number, cut: Cut): Generator<Json> {
  const place = { item_id: item['id'], output_index: at }
  const { type } = item
  const first =
    type === 'message'
      ? { content: [] }
      : type === 'reasoning'
        ? { summary: [], encrypted_content: null }
        : {}
  const input = type === 'function_call' ? { arguments: '' } : {}
  yield { type: 'response.output_item.added', output_index: at, item: { ...item, ...first, ...input } }
  if (type === 'message')
    for (const [index, part] of (item['content'] as { text: string; annotations: Json[] }[]).entries()) {
      const of = { ...place, content_index: index }
      yield { type: 'response.content_part.added', ...of, part: { ...part, text: '' } }
      for (const delta of cut(part.text))
        yield { type: 'response.output_text.delta', ...of, delta, logprobs: [] }
      for (const annotation of part.annotations)
        yield { type: 'response.output_text.annotation.added', ...of, annotation_index: 0, annotation }
      yield { type: 'response.output_text.done', ...of, text: part.text, logprobs: [] }
      yield { type: 'response.content_part.done', ...of, part }
    }
  if (type === 'reasoning')
    for (const [index, part] of (item['summary'] as { text: string }[]).entries()) {
      const of = { ...place, summary_index: index }
      yield { type: 'response.reasoning_summary_part.added', ...of, part: { ...part, text: '' } }
      for (const delta of cut(part.text))
        yield { type: 'response.reasoning_summary_text.delta', ...of, delta }
      yield { type: 'response.reasoning_summary_text.done', ...of, text: part.text }
      yield { type: 'response.reasoning_summary_part.done', ...of, part }
    }
  if (type === 'function_call') {
    for (const delta of cut(String(item['arguments'])))
      yield { type: 'response.function_call_arguments.delta', ...place, delta }
    yield { type: 'response.function_call_arguments.done', ...place, arguments: item['arguments'] }
  }
  if (type === 'image_generation_call')
    yield { type: 'response.image_generation_call.partial_image', ...place, partial_image_b64: 'AAAA' }
  yield { type: 'response.output_item.done', output_index: at, item }
}

function* allEvents(script: UpstreamScript): Generator<Json> {
  yield { type: 'response.created', response: responseOf(script, 'in_progress') }
  yield { type: 'response.in_progress', response: responseOf(script, 'in_progress') }
  const ends = (script.end ?? 'finish') === 'finish'
  const items = itemsOf(script)
  for (const [index, item] of items.entries())
    for (const event of itemEvents(item, index, script.chunk ?? every7)) {
      const last = index === items.length - 1 && String(event['type']).endsWith('.done')
      if (ends || !last) yield event
    }
  if (ends) yield { type: 'response.completed', response: responseOf(script, 'completed') }
}

/** Responses. */
export const responsesDialect: WireDialect = {
  path: '/responses',
  prompt: ({ input }: { input: unknown }) => JSON.stringify(input),
  whole: (script) => responseOf(script, 'completed'),
  *events(script) {
    let sequence = 0
    for (const event of allEvents(script))
      yield `event: ${event['type']}\ndata: ${JSON.stringify({ ...event, sequence_number: sequence++ })}\n\n`
  },
}
