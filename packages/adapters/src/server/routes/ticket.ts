import type { Resumed } from '@parapet/sdk'
import { z } from 'zod'
import { contextOf } from '../context-of.ts'
import { type Call, route } from '../route.ts'

const answerSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('pending') }),
  z.object({ kind: z.literal('denied'), message: z.string() }),
  z.object({ kind: z.literal('grant'), grant: z.string() }),
  z.object({
    kind: z.literal('answer'),
    parts: z.array(z.looseObject({ stage: z.string() })).describe('The held answer, edits made.'),
  }),
])

/** What a caller may know: never the item, which holds a reviewer's words. */
function shown(resumed: Resumed): z.infer<typeof answerSchema> {
  switch (resumed.kind) {
    case 'pending':
      return { kind: 'pending' }
    case 'denied':
      return { kind: 'denied', message: resumed.message }
    case 'grant':
      return { kind: 'grant', grant: resumed.grant }
    case 'answer':
      return { kind: 'answer', parts: resumed.answer.parts.map((part) => ({ ...part })) }
  }
}

async function handle(call: Call): Promise<Response> {
  const locale = new URL(call.request.url).searchParams.get('locale') ?? undefined
  // A server without keys has one tenant, the default: a ticket of another one is not its own to show.
  const { tenant = 'default' } = call
  const resumed = await call.guard.resume(call.parameters['ticket'] ?? '', contextOf({ tenant }, { locale }))
  return Response.json(shown(resumed))
}

export const ticketRoute = route({
  method: 'GET',
  path: '/v1/tickets/{ticket}',
  id: 'ticket',
  summary: 'What became of a held request: the same each time it is asked.',
  query: ['locale'],
  answers: [{ type: 'application/json', schema: answerSchema }],
  handle,
})
