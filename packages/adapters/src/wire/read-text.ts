import type { BodyReader } from './body-reader.ts'

/** Reads a body to its end, as UTF-8. @throws whatever the reader does */
export async function readText(reader: BodyReader): Promise<string> {
  const decoder = new TextDecoder()
  const pieces: string[] = []
  for (;;) {
    const bytes = await reader.read()
    if (!bytes) break
    pieces.push(decoder.decode(bytes, { stream: true }))
  }
  pieces.push(decoder.decode())
  return pieces.join('')
}
