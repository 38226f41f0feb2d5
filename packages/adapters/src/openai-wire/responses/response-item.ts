import { defined, matching, NAME } from '../../answer/known-forms.ts'
import { adapterError } from '../../errors/codes.ts'
import { entryOf, type Json, listOf, objectOf, textOf } from '../json-value.ts'
import { judgedAnnotation } from '../judged-annotation.ts'
import type { TextPart } from '../parts.ts'
import { unknownPart } from '../request-slots.ts'
import { ITEM_MEMBERS } from './item-members.ts'
import type { ItemSetup } from './item-setup.ts'
import { judgeCall } from './judge-call.ts'
import { judgeOther } from './judge-other.ts'
import type { PartKind } from './written-item.ts'

/** An item of an answer while it comes in. */
export interface ResponseItem {
  readonly done: boolean
  /** Takes a piece of one of its texts. */
  delta(kind: PartKind, index: number, text: unknown): Promise<void>
  /** One of its texts is whole. */
  endText(kind: PartKind, index: number, whole: unknown): Promise<void>
  /** The item is whole. */
  end(item: Json): Promise<void>
}

const malformed = (issue: string) => adapterError('PARAPET_ADAPTER_ANSWER_MALFORMED', { issue })

const CITATIONS = ['url_citation', 'file_citation', 'container_file_citation', 'file_path']
const CONTENT: Readonly<Record<string, readonly [PartKind, string]>> = {
  output_text: ['output_text', 'text'],
  refusal: ['refusal', 'refusal'],
  reasoning_text: ['reasoning_text', 'text'],
  text: ['reasoning_text', 'text'],
  summary_text: ['summary_text', 'text'],
}

interface Text {
  readonly part: TextPart
  readonly kind: PartKind
  readonly index: number
  pushed: boolean
}

/** @param key names the item within the answer */
export function createResponseItem(key: string, first: Json, setup: ItemSetup): ResponseItem {
  const { parts, writer, structured, idOf } = setup
  const type = textOf(first['type']) ?? ''
  if (
    !['message', 'reasoning', 'function_call', 'custom_tool_call'].includes(type) &&
    !entryOf(ITEM_MEMBERS, type)
  )
    throw unknownPart(first['type'], 'answer')
  const texts = new Map<string, Text>()
  let done = false

  const base = (): Json =>
    type === 'message' ? { id: idOf(first['id']), type, role: 'assistant' } : { id: idOf(first['id']), type }

  function text(kind: PartKind, index: number): Text {
    const known = texts.get(`${kind} ${index}`)
    if (known) return known
    const spoken = kind === 'output_text' || kind === 'refusal'
    if (spoken !== (type === 'message') || (!spoken && type !== 'reasoning'))
      throw malformed('a text stands in an item of another kind')
    const part = parts.text({
      stage: spoken ? 'output' : 'reasoning',
      group: key,
      json: structured && kind === 'output_text',
      take: (released, unedited) => {
        // Reasoning waits at its first edit: whether it is sealed, and so may not be edited, shows when it ends. Its
        // item begins where it came, so that what waits has a place.
        if (!spoken && released !== '') writer.begin(key, base())
        writer.text(key, base(), { kind, index, text: spoken ? released : unedited })
      },
      ...(kind === 'refusal' ? { origin: { kind: 'text', member: 'refusal' } } : {}),
    })
    const begun: Text = { part, kind, index, pushed: false }
    texts.set(`${kind} ${index}`, begun)
    return begun
  }

  async function push(own: Text, piece: string): Promise<void> {
    own.pushed ||= piece !== ''
    await parts.push(own.part, piece)
  }

  async function endText(kind: PartKind, index: number, whole: unknown): Promise<void> {
    const own = text(kind, index)
    if (own.part.ended) return
    // A provider that sends no pieces has said it here.
    if (!own.pushed && typeof whole === 'string') await push(own, whole)
    await parts.end(own.part)
  }

  async function endTexts(content: unknown): Promise<void> {
    for (const [index, given] of listOf(content).entries()) {
      const part = objectOf(given)
      const [kind, member] = entryOf(CONTENT, part['type']) ?? []
      if (!kind || !member) throw unknownPart(part['type'], 'answer')
      await endText(kind, index, part[member])
    }
  }

  async function cite(content: unknown): Promise<void> {
    for (const [index, given] of listOf(content).entries())
      for (const annotation of listOf(objectOf(given)['annotations']).map(objectOf)) {
        if (!CITATIONS.includes(textOf(annotation['type']) ?? ''))
          throw unknownPart(annotation['type'], 'answer')
        const cited = judgedAnnotation(annotation)
        const of = texts.get(`output_text ${index}`)
        await parts.whole(
          { stage: 'output', text: cited.text, json: true, origin: { kind: 'annotation' } },
          {
            group: key,
            take: (released) => {
              const placed = of?.part.watch.edited === false
              writer.annotation(key, base(), index, cited.restore(released, { placed }))
            },
          },
        )
      }
  }

  async function endMessage(item: Json): Promise<void> {
    await endTexts(item['content'])
    for (const { part } of texts.values()) await parts.end(part)
    await cite(item['content'])
    writer.ended(key, () => ({ members: defined({ phase: matching(NAME, item['phase']) }), rests: [] }))
  }

  async function endReasoning(item: Json): Promise<void> {
    await endTexts(item['summary'])
    await endTexts(item['content'])
    for (const { part } of texts.values()) await parts.end(part)
    const seal = textOf(item['encrypted_content'])
    // What is sealed alone has no text, and stands where it came.
    if (![...texts.values()].some(({ pushed }) => pushed))
      await parts.whole(
        { stage: 'output', text: '', origin: { kind: 'sealed' } },
        { group: key, take: () => writer.begin(key, base()) },
      )
    writer.ended(key, () => {
      const edited = [...texts.values()].filter(({ part }) => part.watch.edited)
      if (seal !== undefined)
        return { members: edited.length === 0 ? { encrypted_content: seal } : {}, rests: [] }
      return {
        members: {},
        rests: edited.map(({ part, kind, index }) => ({ kind, index, text: part.watch.rest })),
      }
    })
  }

  return {
    get done() {
      return done
    },
    async delta(kind, index, piece) {
      if (typeof piece !== 'string') throw malformed('a piece of text is no text')
      const own = text(kind, index)
      if (done || own.part.ended) throw malformed('a text goes on after its end')
      await push(own, piece)
    },
    endText,
    async end(item) {
      if (done) return
      done = true
      if (textOf(item['type']) !== type) throw malformed('an item ends as one of another kind')
      if (type === 'message') return endMessage(item)
      if (type === 'reasoning') return endReasoning(item)
      const given = { ...base(), status: statusOf(item['status']) }
      if (type === 'function_call' || type === 'custom_tool_call') return judgeCall(key, given, item, setup)
      return judgeOther(key, given, item, setup)
    },
  }
}

const STATUS = ['in_progress', 'completed', 'incomplete', 'failed', 'searching', 'generating', 'calling']

const statusOf = (status: unknown): string => STATUS.find((known) => known === status) ?? 'completed'
