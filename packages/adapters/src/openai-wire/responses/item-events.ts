import type { Json } from '../json-value.ts'
import type { WrittenItem, WrittenText } from './written-item.ts'

/** An event's type and its members, but for the sequence number. */
type Event = readonly [type: string, members: Json]

const at = ({ base, place }: WrittenItem, text: WrittenText): Json => ({
  item_id: base['id'],
  output_index: place,
  [text.kind === 'summary_text' ? 'summary_index' : 'content_index']: text.place,
})

/** A text as a part of its item. */
function partOf({ kind, annotations }: WrittenText, text: string): Json {
  if (kind === 'refusal') return { type: kind, refusal: text }
  return kind === 'output_text' ? { type: kind, text, annotations, logprobs: [] } : { type: kind, text }
}

const partEvent = ({ kind }: WrittenText, what: 'added' | 'done') =>
  kind === 'summary_text' ? `response.reasoning_summary_part.${what}` : `response.content_part.${what}`

const textEvent = ({ kind }: WrittenText, what: 'delta' | 'done') =>
  kind === 'summary_text' ? `response.reasoning_summary_text.${what}` : `response.${kind}.${what}`

export function textOpening(item: WrittenItem, text: WrittenText): Event[] {
  return [[partEvent(text, 'added'), { ...at(item, text), part: partOf({ ...text, annotations: [] }, '') }]]
}

export function textDelta(item: WrittenItem, text: WrittenText, delta: string): Event {
  const logprobs = text.kind === 'output_text' ? { logprobs: [] } : {}
  return [textEvent(text, 'delta'), { ...at(item, text), delta, ...logprobs }]
}

export function textClosing(item: WrittenItem, text: WrittenText): Event[] {
  const { kind, annotations } = text
  const said = kind === 'refusal' ? { refusal: text.text } : { text: text.text }
  const logprobs = kind === 'output_text' ? { logprobs: [] } : {}
  return [
    ...annotations.map(
      (annotation, index): Event => [
        'response.output_text.annotation.added',
        { ...at(item, text), annotation_index: index, annotation },
      ],
    ),
    [textEvent(text, 'done'), { ...at(item, text), ...said, ...logprobs }],
    [partEvent(text, 'done'), { ...at(item, text), part: partOf(text, text.text) }],
  ]
}

/** An item with all that was released of it. One that the guard cut off is incomplete. */
export function itemClosing({ base, texts, finish }: WrittenItem, members: Json): Json {
  const all = [...texts.values()]
  const parts = (ofSummary: boolean) =>
    all.filter(({ kind }) => (kind === 'summary_text') === ofSummary).map((text) => partOf(text, text.text))
  const status = finish ? 'completed' : 'incomplete'
  if (base['type'] === 'message') return { ...base, status, content: parts(false), ...members }
  const content = parts(false)
  return { ...base, summary: parts(true), ...(content.length > 0 ? { content } : {}), ...members }
}
