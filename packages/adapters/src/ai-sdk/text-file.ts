import type { SharedV4FileData } from '@ai-sdk/provider'

/** A file that is a text: what it says, and the same file with another text. */
export interface TextFile {
  readonly text: string
  with(text: string): SharedV4FileData
}

const TEXT_TYPE = /^(text(\/|$)|application\/(json|xml|yaml|[\w.-]+\+(json|xml))($|;))/i

function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}

/** Reads a file that is text (inline, or UTF-8 bytes of a text type); undefined for what nothing here can read. */
export function textFile(mediaType: string, data: SharedV4FileData): TextFile | undefined {
  if (data.type === 'text') return { text: data.text, with: (text) => ({ ...data, text }) }
  if (data.type !== 'data' || !TEXT_TYPE.test(mediaType)) return undefined
  const base64 = typeof data.data === 'string'
  const text = decode(base64 ? Buffer.from(data.data as string, 'base64') : (data.data as Uint8Array))
  if (text === undefined) return undefined
  const encode = (edited: string) =>
    base64 ? Buffer.from(edited, 'utf8').toString('base64') : new TextEncoder().encode(edited)
  return { text, with: (edited) => ({ ...data, data: encode(edited) }) }
}
