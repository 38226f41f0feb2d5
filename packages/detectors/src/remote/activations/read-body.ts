/** Reads the body of a request as JSON in UTF-8; undefined where it is none, or larger than `maxBytes`. */
export async function readBody(request: Request, maxBytes: number): Promise<unknown> {
  const chunks: Uint8Array[] = []
  let length = 0
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) return undefined
  for await (const chunk of request.body ?? []) {
    length += chunk.length
    if (length > maxBytes) return undefined
    chunks.push(chunk)
  }
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks)))
  } catch {
    return undefined
  }
}
