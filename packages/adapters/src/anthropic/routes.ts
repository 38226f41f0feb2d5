import { adapterError } from '../errors/codes.ts'

/** The end of the path of every base URL. */
const MESSAGES = '/v1/messages'

/** What passes without being judged: no text of an answer comes back, and no model reads what is sent. */
const PASSES: readonly RegExp[] = [
  /^POST .*\/v1\/messages\/count_tokens$/,
  /^GET .*\/v1\/models(\/[^/]+)?$/,
  // A file is judged, or abstained from, when a message names it.
  /^POST .*\/v1\/files$/,
  /^DELETE .*\/v1\/files\/[^/]+$/,
  // The client fetches its own credentials.
  /^POST .*\/v1\/oauth\/token$/,
]

/** Words of the interface's own paths: any other part of a path may be anybody's. */
const WORDS =
  /^(v1|messages|batches|results|files|content|agents|sessions|complete|skills|organizations|cancel)$/

const named = (path: string) =>
  path
    .split('/')
    .filter(Boolean)
    .map((part) => (WORDS.test(part) ? part : '…'))
    .join('/')

/**
 * Whether a call's answer is judged; false where it passes as it is. Everything else is refused, and so is what a later
 * version of the client may bring.
 * @throws PARAPET_ADAPTER_REQUEST_REFUSED
 */
export function isJudged(method: string | undefined, url: string): boolean {
  const verb = (method ?? 'GET').toUpperCase()
  const { pathname } = new URL(url)
  if (isMessagesCall(method, url)) return true
  if (PASSES.some((route) => route.test(`${verb} ${pathname}`))) return false
  throw adapterError('PARAPET_ADAPTER_REQUEST_REFUSED', {
    feature: `the call ${/^[A-Z]{1,10}$/.test(verb) ? verb : '?'} /${named(pathname)}`,
    instead: 'Make it with your own client, and judge its texts with guard.check().',
  })
}

/** Whether a call is one whose answer would be judged: nothing is refused. */
export const isMessagesCall = (method: string | undefined, url: string): boolean =>
  method?.toUpperCase() === 'POST' && new URL(url).pathname.endsWith(MESSAGES)
