import { type BodyLimits, bodyChunks } from './body-chunks.ts'
import { serverError } from './codes.ts'

/** Refuses a body of another type: a page in a browser cannot send JSON to us unasked. @throws PARAPET_SERVER_CONTENT_TYPE */
export function checkContentType({ headers }: Request, expected: string): void {
  const [type = '', ...parameters] = (headers.get('content-type') ?? '').toLowerCase().split(';')
  const charset = parameters
    .map((parameter) => parameter.trim())
    .find((parameter) => parameter.startsWith('charset='))
  const utf8 = charset === undefined || /^charset="?utf-?8"?$/.test(charset)
  const encoding = headers.get('content-encoding') ?? 'identity'
  if (type.trim() !== expected || !utf8 || encoding !== 'identity')
    throw serverError('PARAPET_SERVER_CONTENT_TYPE', { expected })
}

/**
 * Reads a body of JSON text, whole.
 * @throws PARAPET_SERVER_CONTENT_TYPE, PARAPET_SERVER_BODY_TOO_LARGE, PARAPET_SERVER_BODY_TIMEOUT,
 *   PARAPET_SERVER_BODY_INVALID for bytes that are no UTF-8
 */
export async function readBody(request: Request, limits: BodyLimits): Promise<string> {
  checkContentType(request, 'application/json')
  const decoder = new TextDecoder('utf-8', { fatal: true })
  const pieces: string[] = []
  for await (const chunk of bodyChunks(request, limits)) pieces.push(decode(decoder, chunk))
  pieces.push(decode(decoder))
  return pieces.join('')
}

/** Bytes that are no UTF-8 are refused: read in another way further on, they would be another text than the judged one. */
export function decode(decoder: InstanceType<typeof TextDecoder>, chunk?: Uint8Array): string {
  try {
    return chunk ? decoder.decode(chunk, { stream: true }) : decoder.decode()
  } catch {
    throw serverError('PARAPET_SERVER_BODY_INVALID', { problems: ['it is not UTF-8'] })
  }
}
