import { z } from 'zod'
import { judgedRoles } from '../../answer/judged-roles.ts'
import { contextOf } from '../context-of.ts'
import { type Call, route } from '../route.ts'
import { contextSchema, decisionSchema, messageSchema, verdictSchema } from '../schemas.ts'
import { shownDecision } from '../shown-decision.ts'

const bodySchema = z.strictObject({
  messages: z.array(messageSchema).min(1).describe('The whole request, its history too.'),
  grant: z.string().min(1).max(300).optional().describe('The ticket of a held request that was approved.'),
  context: contextSchema.optional(),
})

const decision = z.union([decisionSchema, verdictSchema])
const answerSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('released'), messages: z.array(messageSchema), decision }),
  z.object({ kind: z.literal('blocked'), message: z.string(), decision }),
  z.object({ kind: z.literal('held'), message: z.string(), ticket: z.string(), decision }),
])

async function handle(call: Call): Promise<Response> {
  const { messages, grant, context } = await call.json(bodySchema)
  const exchange = call.guard.exchange({
    messages: judgedRoles(messages, call.options.systemMessages),
    context: contextOf(call, context),
    signal: call.signal,
    ...(grant === undefined ? {} : { grant }),
  })
  const passage = await exchange.input()
  call.decided(passage.decision)
  const shown = shownDecision(passage.decision, call.options.answers)
  if (passage.kind !== 'released') return Response.json({ ...passage, decision: shown })
  const released = passage.content.map(({ role, parts }, index) => ({
    role: messages[index]?.role ?? role,
    content: parts,
  }))
  return Response.json({ kind: 'released', messages: released, decision: shown })
}

export const inputRoute = route({
  method: 'POST',
  path: '/v1/input',
  id: 'input',
  summary:
    'Judges a whole request before it goes to a model, and acts: redacts, waits for a reviewer, gives a ticket.',
  body: { type: 'application/json', schema: bodySchema },
  answers: [{ type: 'application/json', schema: answerSchema }],
  handle,
})
