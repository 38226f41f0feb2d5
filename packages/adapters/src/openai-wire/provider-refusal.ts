import { knownHeaders, matching, NAME } from '../answer/known-forms.ts'
import { createBodyReader } from '../wire/body-reader.ts'
import { isObject, nestedJson, objectOf } from './json-value.ts'
import type { ResolvedWireOptions } from './options.ts'

const SHOWN_BYTES = 64 * 1024

const KEPT_BACK =
  'The provider refused the call. Its own words were kept back, because no rule judges them: onProviderError gets them.'

async function beginning(response: Response, stallMs: number): Promise<string> {
  const reader = createBodyReader(response.body, { maxBytes: SHOWN_BYTES, stallMs })
  const decoder = new TextDecoder()
  let text = ''
  try {
    for (let bytes = await reader.read(); bytes; bytes = await reader.read())
      text += decoder.decode(bytes, { stream: true })
  } catch {
    reader.cancel()
    // A body that is too long, stalls, or breaks off, has said enough.
  }
  return text
}

/**
 * An answer of the provider that is no success. Status, kind, code and what tells a client to try again pass; sentences
 * do not: providers repeat in them what a model wrote (`failed_generation`), and no rule has judged it.
 * @param final a client that tries again would only be refused by the guard: an approval is used once
 */
export async function providerRefusal(
  response: Response,
  { onProviderError, stallMs }: Pick<ResolvedWireOptions, 'onProviderError' | 'stallMs'>,
  { final }: { readonly final: boolean },
): Promise<Response> {
  const text = await beginning(response, stallMs)
  try {
    onProviderError({ status: response.status, body: text })
  } catch {
    // A listener that fails must not put its own error in the place of the call's.
  }
  const parsed = objectOf(nestedJson(text))
  const error = isObject(parsed['error']) ? parsed['error'] : parsed
  const name = (value: unknown) => matching(NAME, value) ?? null
  const headers = new Headers(knownHeaders(Object.fromEntries(response.headers)))
  if (final) headers.set('x-should-retry', 'false')
  const { type, param, code } = error
  return Response.json(
    { error: { message: KEPT_BACK, type: name(type), param: name(param), code: name(code) } },
    // What is no refusal, as a redirect that nobody followed, is none of the caller's either.
    { status: response.status >= 400 && response.status <= 599 ? response.status : 502, headers },
  )
}
