import type { AnswerScript, ScriptedChoice } from '../kit/script.ts'
import { cut, namedEvent, type Wire } from './wire.ts'

interface Event {
  readonly type: string
  readonly [member: string]: unknown
}

const textPart = (text: string) => ({ type: 'output_text', text, annotations: [], logprobs: [] })

/** The items of a choice: what has no choices gives one item more for each. */
function itemsOf({ text, reasoning, toolCall }: ScriptedChoice, choice: number) {
  const id = (kind: string) => `${kind}_kit${choice}`
  const status = 'completed'
  return [
    ...(reasoning === undefined
      ? []
      : [{ id: id('rs'), type: 'reasoning', summary: [{ type: 'summary_text', text: reasoning }] } as const]),
    ...(text === undefined
      ? []
      : [
          {
            id: id('msg'),
            type: 'message',
            role: 'assistant',
            status,
            content: [textPart(text)],
          } as const,
        ]),
    ...(toolCall === undefined
      ? []
      : [
          {
            id: id('fc'),
            type: 'function_call',
            call_id: 'call_kit1',
            name: 'note',
            arguments: toolCall,
            status,
          } as const,
        ]),
  ]
}

const allItems = ({ choices }: AnswerScript) => choices.flatMap(itemsOf)
type Item = ReturnType<typeof allItems>[number]

const responseOf = (script: AnswerScript, status: 'in_progress' | 'completed') => ({
  id: 'resp_kit',
  object: 'response',
  created_at: 1_700_000_000,
  model: 'kit',
  status,
  error: null,
  incomplete_details: null,
  output: status === 'completed' ? allItems(script) : [],
  usage: status === 'completed' ? { input_tokens: 1, output_tokens: 1, total_tokens: 2 } : null,
})

/** What lies between the start and the end of an item: its text in pieces. */
function pieceEvents(item: Item, output_index: number, script: AnswerScript): Event[] {
  const place = { item_id: item.id, output_index }
  switch (item.type) {
    case 'message': {
      const of = { ...place, content_index: 0 }
      const [{ text }] = item.content as unknown as [{ text: string }]
      return [
        { type: 'response.content_part.added', ...of, part: textPart('') },
        ...cut(text, script).map((delta) => ({
          type: 'response.output_text.delta',
          ...of,
          delta,
          logprobs: [],
        })),
        { type: 'response.output_text.done', ...of, text, logprobs: [] },
        { type: 'response.content_part.done', ...of, part: textPart(text) },
      ]
    }
    case 'reasoning': {
      const of = { ...place, summary_index: 0 }
      const [part] = item.summary as unknown as [{ text: string }]
      return [
        { type: 'response.reasoning_summary_part.added', ...of, part: { ...part, text: '' } },
        ...cut(part.text, script).map((delta) => ({
          type: 'response.reasoning_summary_text.delta',
          ...of,
          delta,
        })),
        { type: 'response.reasoning_summary_text.done', ...of, text: part.text },
        { type: 'response.reasoning_summary_part.done', ...of, part },
      ]
    }
    case 'function_call':
      return [
        ...cut(item.arguments, script).map((delta) => ({
          type: 'response.function_call_arguments.delta',
          ...place,
          delta,
        })),
        { type: 'response.function_call_arguments.done', ...place, arguments: item.arguments },
      ]
  }
}

const EMPTY = {
  message: { content: [] },
  reasoning: { summary: [] },
  function_call: { arguments: '' },
} as const

/** OpenAI's responses. The end has an event of its own, always. */
export const responsesWire: Wire = {
  whole: (script) => responseOf(script, 'completed'),
  events(script) {
    const events: Event[] = [
      { type: 'response.created', response: responseOf(script, 'in_progress') },
      ...allItems(script).flatMap((item, output_index) => [
        { type: 'response.output_item.added', output_index, item: { ...item, ...EMPTY[item.type] } },
        ...pieceEvents(item, output_index, script),
        { type: 'response.output_item.done', output_index, item },
      ]),
      { type: 'response.completed', response: responseOf(script, 'completed') },
    ]
    const numbered = events.map((event, sequence_number) => namedEvent({ ...event, sequence_number }))
    return script.ending === 'cut' ? numbered.slice(0, -1) : numbered
  },
}
