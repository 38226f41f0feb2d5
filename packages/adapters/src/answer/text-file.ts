/** What a file holds, in the AI SDK's form. */
export type FileData =
  | { type: 'data'; data: Uint8Array | string }
  | { type: 'url'; url: URL; originalUrl?: string }
  | { type: 'reference'; reference: Record<string, string> }
  | { type: 'text'; text: string }

/** A file that is a text: what it says, and the same file with another text. */
export interface TextFile {
  readonly text: string
  with(text: string): FileData
}

const TEXT_TYPE =
  /^\s*(text(\/|$)|application\/((x-)?(json|yaml|javascript|ecmascript|typescript|toml|sql|sh|shellscript|ndjson|jsonlines|json-lines|jsonl|csv|httpd-php|tex|latex|graphql|www-form-urlencoded)|xml|xml-dtd|json5|[\w.-]+\+(json|xml|yaml|json-seq))\s*($|;))/i
const CHARSET = /;\s*charset\s*=\s*"?([\w.:-]+)/i
const READABLE_CHARSET = /^(utf-?8|us-ascii|ascii)$/i
const DATA_URL = /^data:([^,]*),([\s\S]*)$/i
const BASE64 = /;\s*base64\s*$/i

/** Undefined for bytes that are no UTF-8 text: a text with NUL characters is UTF-16, or none at all. */
function decode(bytes: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    return text.includes('\0') ? undefined : text
  } catch {
    return undefined
  }
}

function isText(mediaType: string): boolean {
  const charset = CHARSET.exec(mediaType)?.[1]
  return TEXT_TYPE.test(mediaType) && (charset === undefined || READABLE_CHARSET.test(charset))
}

const toBase64 = (text: string) => Buffer.from(text, 'utf8').toString('base64')

/** A `data:` URL holds the file itself. Its own type counts where the part's says nothing of text. */
function textOfDataUrl(mediaType: string, data: Extract<FileData, { type: 'url' }>): TextFile | undefined {
  const [, head, body] = DATA_URL.exec(String(data.url)) ?? []
  if (head === undefined || body === undefined) return undefined
  const own = head.replace(BASE64, '').trim() || 'text/plain'
  if (!isText(mediaType) && !isText(own)) return undefined
  const text = decode(
    BASE64.test(head) ? Buffer.from(unescaped(body).toString('latin1'), 'base64') : unescaped(body),
  )
  if (text === undefined) return undefined
  // What it was before it was parsed holds the text that was edited away.
  const { originalUrl: _, ...rest } = data
  return {
    text,
    with: (edited) => ({
      ...rest,
      url: new URL(`data:${own.split(';', 1)[0] || 'text/plain'};base64,${toBase64(edited)}`),
    }),
  }
}

/** Percent signs that begin no escape stand for themselves, as in every reader of URLs. */
function unescaped(body: string): Buffer {
  const bytes: number[] = []
  const source = Buffer.from(body, 'utf8')
  for (let index = 0; index < source.length; index++) {
    const hex = source[index] === 0x25 ? source.toString('latin1', index + 1, index + 3) : ''
    if (/^[\da-f]{2}$/i.test(hex)) {
      bytes.push(Number.parseInt(hex, 16))
      index += 2
    } else bytes.push(source[index] as number)
  }
  return Buffer.from(bytes)
}

/** Reads a file that is text (inline, or UTF-8 bytes of a text type); undefined for what nothing here can read. */
export function textFile(mediaType: string, data: FileData): TextFile | undefined {
  if (data.type === 'text') return { text: data.text, with: (text) => ({ ...data, text }) }
  if (data.type === 'url') return textOfDataUrl(mediaType, data)
  if (data.type !== 'data' || !isText(mediaType)) return undefined
  const base64 = typeof data.data === 'string'
  const text = decode(base64 ? Buffer.from(data.data as string, 'base64') : (data.data as Uint8Array))
  if (text === undefined) return undefined
  const encode = (edited: string) => (base64 ? toBase64(edited) : new TextEncoder().encode(edited))
  return { text, with: (edited) => ({ ...data, data: encode(edited) }) }
}
