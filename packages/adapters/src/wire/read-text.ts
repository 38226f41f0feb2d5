import type { BodyReader } from './body-reader.ts'

/** Reads a body to its end, as UTF-8. One that breaks a limit is let go. @throws whatever the reader does */
export async function readText(reader: BodyReader): Promise<string> {
  const decoder = new TextDecoder()
  const pieces: string[] = []
  try {
    for (;;) {
      const bytes = await reader.read()
      if (!bytes) break
      pieces.push(decoder.decode(bytes, { stream: true }))
    }
  } catch (error) {
    reader.cancel()
    throw error
  }
  pieces.push(decoder.decode())
  return pieces.join('')
}
