import type {
  LanguageModelV4Message,
  LanguageModelV4Prompt,
  LanguageModelV4ToolResultPart,
  SharedV4ProviderOptions,
} from '@ai-sdk/provider'
import type { Message, Part } from '@parapet/sdk'
import { partText } from '../answer/part-text.ts'
import { textFile } from '../answer/text-file.ts'
import { adapterError } from '../errors/codes.ts'
import { isSealed, withoutSeals } from './safe-metadata.ts'

type ListMessage = Exclude<LanguageModelV4Message, { role: 'system' }>
type PromptPart = ListMessage['content'][number]

/** One judged part, and how a new text of it goes back into the prompt's part; undefined takes the part out. */
interface Slot {
  readonly part: Part
  readonly write?: (text: string, into: PromptPart) => PromptPart | undefined
}

/** A prompt as the guard reads it. */
export interface PromptMessages {
  readonly messages: readonly Message[]
  /** The prompt with the texts of the released messages, and without what is Parapet's own. */
  apply(released: readonly Message[]): LanguageModelV4Prompt
}

/** Translates a prompt, and its edits back. @throws PARAPET_ADAPTER_PART_UNKNOWN */
export function promptMessages(prompt: LanguageModelV4Prompt): PromptMessages {
  const slots = prompt.map((message) => (message.role === 'system' ? [] : message.content.map(slotsOf)))
  const messages = prompt.map(
    (message, index): Message =>
      message.role === 'system'
        ? { role: 'system', parts: [{ type: 'text', text: message.content }] }
        : { role: message.role, parts: (slots[index] ?? []).flat().map(({ part }) => part) },
  )
  return {
    messages,
    apply: (released) =>
      prompt.flatMap((message, index) =>
        applyMessage(message, slots[index] ?? [], released[index]?.parts ?? []),
      ),
  }
}

function applyMessage(
  message: LanguageModelV4Message,
  slots: readonly (readonly Slot[])[],
  released: readonly Part[],
): LanguageModelV4Message[] {
  const clean = withoutParapet(message)
  if (clean.role === 'system') return [clean]
  let next = 0
  const content = clean.content.flatMap((part, index) => {
    let edited: PromptPart | undefined = withoutParapet(part)
    for (const slot of slots[index] ?? []) {
      const text = partText(released[next++])
      if (text !== undefined && text !== partText(slot.part) && edited) edited = slot.write?.(text, edited)
    }
    return edited ?? []
  })
  const emptied = content.length === 0 && clean.content.length > 0
  return emptied ? [] : [{ ...clean, content } as LanguageModelV4Message]
}

/** The prompt as it came, without what is Parapet's own; parts of any kind pass. */
export const promptWithoutParapet = (prompt: LanguageModelV4Prompt): LanguageModelV4Prompt =>
  prompt.map((message) => {
    const clean = withoutParapet(message)
    if (!Array.isArray(clean.content)) return clean
    return { ...clean, content: clean.content.map((part) => withoutParapet(part)) } as LanguageModelV4Message
  })

/** Metadata that Parapet gave an earlier answer comes back as options; the provider does not see it. */
function withoutParapet<Holder extends { providerOptions?: SharedV4ProviderOptions }>(
  holder: Holder,
): Holder {
  if (!holder.providerOptions || !('parapet' in holder.providerOptions)) return holder
  const { parapet: _, ...providerOptions } = holder.providerOptions
  return { ...holder, providerOptions }
}

/** A part whose text was edited no longer fits its seal, nor the original that its id stands for. */
const unsealed = (part: PromptPart): PromptPart =>
  part.providerOptions ? { ...part, providerOptions: withoutSeals(part.providerOptions) } : part

const edit = (change: (text: string) => object) => (text: string, into: PromptPart) =>
  ({ ...unsealed(into), ...change(text) }) as PromptPart

const media = (mediaType: string): Slot => ({ part: { type: 'media', mediaType } })

function slotsOf(part: PromptPart): Slot[] {
  switch (part.type) {
    case 'text':
      return [{ part: { type: 'text', text: part.text }, write: edit((text) => ({ text })) }]
    case 'reasoning':
      return [
        {
          part: { type: 'reasoning', text: part.text },
          // A signed part is refused by its provider when it was edited: it goes whole or not at all.
          write: isSealed(part.providerOptions) ? () => undefined : edit((text) => ({ text })),
        },
      ]
    case 'file':
      return [...fileName(part), ...fileContent(part)]
    case 'reasoning-file':
      return [media(part.mediaType)]
    case 'custom':
      return [media(`custom/${part.kind}`)]
    case 'tool-call': {
      const { toolCallId, toolName } = part
      const input = jsonText(part.input)
      return [
        {
          part: { type: 'tool-call', toolCallId, toolName, input },
          write: edit((text) => ({ input: JSON.parse(text) })),
        },
      ]
    }
    case 'tool-result':
      return toolResultSlots(part)
    case 'tool-approval-response':
      return part.reason === undefined
        ? []
        : [{ part: { type: 'text', text: part.reason }, write: edit((reason) => ({ reason })) }]
    default:
      throw unknownPart(part)
  }
}

function unknownPart(part: never): Error {
  const { type } = part as { type?: unknown }
  const named = typeof type === 'string' && /^[\w-]{1,40}$/.test(type) ? type : '?'
  return adapterError('PARAPET_ADAPTER_PART_UNKNOWN', { type: named, where: 'prompt' })
}

const jsonText = (value: unknown): string => JSON.stringify(value) ?? 'null'

/** The name of a file is a text that a user chose and the provider reads. */
function fileName({ filename }: { readonly filename?: string }): Slot[] {
  return filename === undefined
    ? []
    : [{ part: { type: 'text', text: filename }, write: edit((text) => ({ filename: text })) }]
}

function fileContent({ mediaType, data }: Extract<PromptPart, { type: 'file' }>): Slot[] {
  const file = textFile(mediaType, data)
  if (!file) return [media(mediaType)]
  return [{ part: { type: 'text', text: file.text }, write: edit((text) => ({ data: file.with(text) })) }]
}

function toolResultSlots(part: LanguageModelV4ToolResultPart): Slot[] {
  const { toolCallId, toolName, output } = part
  const slot = (text: string, json: boolean, write: (text: string) => object): Slot => ({
    part: { type: 'tool-result', toolCallId, toolName, output: text, json },
    write: edit((edited) => ({ output: { ...output, ...write(edited) } })),
  })
  switch (output.type) {
    case 'text':
    case 'error-text':
      return [slot(output.value, false, (value) => ({ value }))]
    case 'json':
    case 'error-json':
      return [slot(jsonText(output.value), true, (text) => ({ value: JSON.parse(text) }))]
    case 'execution-denied':
      return output.reason === undefined ? [] : [slot(output.reason, false, (reason) => ({ reason }))]
    case 'content':
      return output.value.flatMap((_, index) => contentSlots(part, index))
    default:
      throw unknownPart(output as never)
  }
}

type ContentOutput = Extract<LanguageModelV4ToolResultPart['output'], { type: 'content' }>

/** One piece of a tool result that has several. Edits of its neighbours are in `into` already, and are kept. */
function contentSlots(
  { toolCallId, toolName, output }: LanguageModelV4ToolResultPart,
  index: number,
): Slot[] {
  const piece = (output as ContentOutput).value[index]
  if (!piece) return []
  const replace = (change: (text: string) => object) => (text: string, into: PromptPart) => {
    const edited = unsealed(into) as LanguageModelV4ToolResultPart
    const value = (edited.output as ContentOutput).value.map((other, place) =>
      place === index ? { ...other, ...change(text) } : other,
    )
    return { ...edited, output: { ...edited.output, value } } as PromptPart
  }
  const slot = (text: string, change: (text: string) => object): Slot => ({
    part: { type: 'tool-result', toolCallId, toolName, output: text, json: false },
    write: replace(change),
  })
  if (piece.type === 'text') return [slot(piece.text, (text) => ({ text }))]
  if (piece.type === 'custom') return [media('custom/tool-result')]
  const name = piece.filename === undefined ? [] : [slot(piece.filename, (filename) => ({ filename }))]
  const file = textFile(piece.mediaType, piece.data)
  return [...name, file ? slot(file.text, (text) => ({ data: file.with(text) })) : media(piece.mediaType)]
}
