import { jsonObject } from '../wire/json-object.ts'
import { isObject } from '../wire/wire-object.ts'

/** Takes out of messages what Parapet wrote into an earlier answer: the provider would refuse it. True where something was. */
export function stripOwn(messages: readonly unknown[]): boolean {
  let stripped = false
  for (const message of messages) {
    const content = isObject(message) ? message['content'] : undefined
    for (const block of Array.isArray(content) ? content : [])
      if (isObject(block) && 'parapet' in block) {
        delete (block as Record<string, unknown>)['parapet']
        stripped = true
      }
  }
  return stripped
}

/** A request's body without what Parapet wrote; anything else is as it came, to the byte. */
export function bodyWithoutOwn<Body>(body: Body): Body | string {
  if (typeof body !== 'string' || !body.includes('"parapet"')) return body
  const parsed = jsonObject(body)
  const messages = parsed?.['messages']
  return Array.isArray(messages) && stripOwn(messages) ? JSON.stringify(parsed) : body
}
