import { textFile } from '../answer/text-file.ts'
import { type Json, textOf } from './json-value.ts'
import type { RequestSlots } from './request-slots.ts'

/** How names of files end that hold text. A name that ends otherwise may be read as something else than text. */
const TEXT_NAME =
  /\.(txt|text|log|md|markdown|rst|csv|tsv|json|jsonl|ndjson|xml|html?|css|ya?ml|toml|ini|conf|env|sql|sh|bat|ps1|[cm]?[jt]sx?|py|rb|go|rs|java|kt|swift|c|h|cc|cpp|hpp|cs|php|pl|lua|r|tex|diff|patch|srt|vtt|ics|vcf|eml)$/i

/** A `data:` URL that says nothing of what it holds. */
const NO_TYPE = /^data:(application\/octet-stream)?[;,]/i

interface InlineText {
  readonly text: string
  write(text: string): void
}

/** A `data:` URL as it came; undefined for anything else. */
function dataUrl(value: string): URL | undefined {
  return /^data:/i.test(value) && URL.canParse(value) ? new URL(value) : undefined
}

/** The text of a file that stands in the request itself: a `data:` URL of a text type, or base64 with such a name. */
function inlineText(file: Json, member: 'file_data' | 'file_url'): InlineText | undefined {
  const data = textOf(file[member])
  if (data === undefined) return undefined
  const named = TEXT_NAME.test(textOf(file['filename']) ?? '')
  const url = dataUrl(data)
  const found = url
    ? textFile(named && NO_TYPE.test(data) ? 'text/plain' : '', { type: 'url', url })
    : member === 'file_data' && named
      ? textFile('text/plain', { type: 'data', data })
      : undefined
  return (
    found && {
      text: found.text,
      write(text) {
        const edited = found.with(text)
        if (edited.type === 'url') file[member] = String(edited.url)
        if (edited.type === 'data') file[member] = edited.data
      },
    }
  )
}

/**
 * A file of a request: its name, which the model reads, and its text where it is one. What nothing here can read goes to
 * `onAbstain`: other bytes, an id, an address, and text under a name that promises something else.
 */
export function addFile(slots: RequestSlots, file: Json, addName: () => void): void {
  const name = file['filename']
  if (name !== undefined && name !== null) addName()
  const texts = (['file_data', 'file_url'] as const).flatMap((member) => {
    const inline = inlineText(file, member)
    if (inline) slots.add({ type: 'text', text: inline.text }, inline.write)
    return inline ? [member] : []
  })
  const readable = typeof name !== 'string' || name === '' || TEXT_NAME.test(name)
  const others = ['file_data', 'file_url', 'file_id'].filter(
    (member) => file[member] !== undefined && file[member] !== null && !texts.some((text) => text === member),
  )
  if (!readable || others.length > 0 || texts.length === 0)
    slots.add({ type: 'media', mediaType: 'application/octet-stream' })
}
