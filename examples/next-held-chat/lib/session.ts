import { randomUUID } from 'node:crypto'
import type { ChatHandler } from './chat-routes.ts'

/**
 * Gives each browser an id of its own, as a random cookie that scripts cannot read. An app with a login takes its user's id
 * in its place.
 */
export function withSession(handler: ChatHandler): (request: Request) => Promise<Response> {
  return async (request) => {
    const [, known] =
      /(?:^|; )chat-session=([0-9a-f-]{36})(?:;|$)/.exec(request.headers.get('cookie') ?? '') ?? []
    const session = known ?? randomUUID()
    const response = await handler(request, session)
    if (known !== undefined) return response
    const headers = new Headers(response.headers)
    const secure = new URL(request.url).protocol === 'https:' ? '; Secure' : ''
    headers.append('set-cookie', `chat-session=${session}; Path=/; HttpOnly; SameSite=Lax${secure}`)
    return new Response(response.body, { status: response.status, headers })
  }
}
