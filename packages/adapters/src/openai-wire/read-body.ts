import { adapterError } from '../errors/codes.ts'

/** Bytes of a body, at most `maxBytes`. @throws PARAPET_ADAPTER_TOO_LARGE, and whatever the body throws */
export async function* readBytes(
  body: ReadableStream<Uint8Array>,
  { what, maxBytes }: { readonly what: 'request' | 'answer'; readonly maxBytes: number },
): AsyncGenerator<Uint8Array> {
  let bytes = 0
  for await (const chunk of body) {
    bytes += chunk.byteLength
    if (bytes > maxBytes) throw adapterError('PARAPET_ADAPTER_TOO_LARGE', { what, maxBytes })
    yield chunk
  }
}

/** The text of a body. @throws PARAPET_ADAPTER_TOO_LARGE, and whatever the body throws */
export async function readText(
  body: ReadableStream<Uint8Array> | null,
  limit: { readonly what: 'request' | 'answer'; readonly maxBytes: number },
): Promise<string> {
  if (!body) return ''
  const decoder = new TextDecoder()
  const pieces: string[] = []
  for await (const chunk of readBytes(body, limit)) pieces.push(decoder.decode(chunk, { stream: true }))
  pieces.push(decoder.decode())
  return pieces.join('')
}
