import { adapterError } from '../../errors/codes.ts'
import { addFile } from '../inline-file.ts'
import { entryOf, type Json } from '../json-value.ts'
import { checkMembers, objectIn, type RequestSlots, unknownPart } from '../request-slots.ts'

/** The members that a part of each kind has. */
const PART_MEMBERS: Readonly<Record<string, readonly string[]>> = {
  input_text: ['text'],
  output_text: ['text', 'annotations'],
  text: ['text'],
  refusal: ['refusal'],
  input_image: ['image_url', 'file_id'],
  input_audio: ['input_audio'],
  input_file: ['filename', 'file_data', 'file_url', 'file_id'],
}

const malformed = (issue: string) => adapterError('PARAPET_ADAPTER_REQUEST_MALFORMED', { issue })

/** The texts and media of a content, which is one text or a list of parts. */
export function addContent(
  slots: RequestSlots,
  holder: Json,
  member: string,
  add: (object: Json, name: string) => void,
): void {
  const content = holder[member]
  if (content === undefined || content === null) return
  if (typeof content === 'string') {
    add(holder, member)
    return
  }
  if (!Array.isArray(content)) throw malformed('content is neither text nor a list')
  for (const given of content) {
    const part = objectIn(given, 'a part of the content')
    // What the answer before said beside its text: the provider has no use for it.
    delete part['logprobs']
    if (part['annotations'] !== undefined) part['annotations'] = []
    delete part['parsed']
    const known = entryOf(PART_MEMBERS, part['type'])
    if (!known) throw unknownPart(part['type'], 'prompt')
    checkMembers(part, new Set(['type', ...known]), 'a part of the content')
    switch (part['type']) {
      case 'input_text':
      case 'output_text':
      case 'text':
        add(part, 'text')
        break
      case 'refusal':
        add(part, 'refusal')
        break
      case 'input_image':
        slots.add({ type: 'media', mediaType: 'image/*' })
        break
      case 'input_audio':
        slots.add({ type: 'media', mediaType: 'audio/*' })
        break
      default:
        addFile(slots, part, () => add(part, 'filename'))
    }
  }
}

export function addText(slots: RequestSlots, object: Json, member: string): void {
  const text = object[member]
  if (typeof text !== 'string') throw malformed(`${member} is no text`)
  slots.add({ type: 'text', text }, (edited) => {
    object[member] = edited
  })
}
