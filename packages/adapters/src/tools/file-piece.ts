import { type FileData, textFile } from '../answer/text-file.ts'
import { fixed, list, media, type Piece, text } from '../tool-call/piece.ts'

type Members = Readonly<Record<string, unknown>>

const isTagged = (data: unknown): data is FileData =>
  typeof data === 'object' && data !== null && typeof (data as Members)['type'] === 'string'

/** What a file holds, and the same file with other content: older forms have it, or its address, untagged. */
function contentOf(piece: Members): { data: FileData; with(data: FileData): Members } {
  const { data, url } = piece
  if (isTagged(data)) return { data, with: (edited) => ({ ...piece, data: edited }) }
  if (url !== undefined)
    return {
      data: { type: 'url', url: url as URL },
      with: (edited) => ({ ...piece, url: String((edited as { readonly url: URL }).url) }),
    }
  // A file that is with the provider, named by an id.
  if (data === undefined) return { data: { type: 'reference', reference: {} }, with: () => piece }
  return {
    data: { type: 'data', data: data as string },
    with: (edited) => ({ ...piece, data: (edited as { readonly data: unknown }).data }),
  }
}

/** What is in a file: its text, or its address and what nothing here can read. */
function insidePiece(piece: Members): Piece<Members> {
  const content = contentOf(piece)
  const mediaType = String(piece['mediaType'] ?? '')
  const file = textFile(mediaType, content.data)
  if (file) {
    const said = String(file.text)
    const { parts } = text(said)
    return {
      parts,
      with: ([released = '']) => (released === said ? piece : content.with(file.with(released))),
    }
  }
  const unread = media(piece['mediaType'], piece)
  if (content.data.type !== 'url') return unread
  const address = String(content.data.url)
  return {
    parts: [...text(address).parts, ...unread.parts],
    // An address that was edited leads nowhere: what is left of it is a text.
    with: ([released = '']) => (released === address ? piece : { type: 'text', text: released }),
  }
}

/** A file of a tool's result. Its name is text that the model reads, and so is what it holds where that is text. */
export function filePiece(piece: Members): Piece<Members> {
  const { filename } = piece
  const inside = insidePiece(piece)
  const both = list<unknown>([filename === undefined ? fixed(undefined) : text(String(filename)), inside])
  return {
    parts: both.parts,
    with(texts) {
      const [name, file] = both.with(texts) as [string | undefined, Members]
      return name === undefined || file['type'] === 'text' ? file : { ...file, filename: name }
    },
  }
}
