import type { GateStep, StreamGate } from '@parapet/sdk'
import { z } from 'zod'
import { judgedRoles } from '../../answer/judged-roles.ts'
import { bodyLines } from '../body-lines.ts'
import { serverError } from '../codes.ts'
import { contextOf } from '../context-of.ts'
import { tellableError } from '../error-response.ts'
import { linkedAbort } from '../linked-abort.ts'
import { parseAs, parseJson } from '../parse-json.ts'
import { checkContentType } from '../read-body.ts'
import { type Call, route } from '../route.ts'
import { contextSchema, decisionSchema, errorSchema, messageSchema, verdictSchema } from '../schemas.ts'
import { shownDecision } from '../shown-decision.ts'

const part = z.string().max(300).describe('Names a part of the answer; text of the same name is one text.')
const READ_TOGETHER = 'Whether it is read together with the other texts of its stage, as one text'
const joined = z.boolean()
const startSchema = z.strictObject({
  kind: z.literal('start'),
  messages: z.array(messageSchema).optional().describe('The request that is being answered, as context.'),
  context: contextSchema.optional(),
})
const lineSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('text'),
    part,
    stage: z.enum(['output', 'reasoning']).optional(),
    text: z.string(),
    joined: joined.optional().describe(`${READ_TOGETHER}. Default: true.`),
  }),
  z.strictObject({
    kind: z.literal('whole'),
    part,
    stage: z.enum(['output', 'reasoning']),
    text: z.string(),
    json: z.boolean().optional(),
    joined: joined.optional().describe(`${READ_TOGETHER}. Default: false.`),
  }),
  z.strictObject({
    kind: z.literal('tool'),
    part,
    stage: z.enum(['toolCall', 'toolResult']),
    toolName: z.string(),
    text: z.string(),
    json: z.boolean(),
  }),
  z.strictObject({
    kind: z.literal('media'),
    part,
    stage: z.enum(['output', 'toolResult']),
    media: z.string(),
  }),
  z.strictObject({ kind: z.literal('end'), part }),
])

const decision = z.union([decisionSchema, verdictSchema])
const answerSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('released'), part, text: z.string() }),
  z.object({ kind: z.literal('done'), decision }),
  z.object({ kind: z.literal('blocked'), message: z.string(), decision }),
  z.object({ kind: z.literal('held'), message: z.string(), ticket: z.string(), decision }),
  z.object({ kind: z.literal('failed'), ...errorSchema.shape }),
])
type AnswerLine = z.infer<typeof answerSchema>

/** How the gate's ids of tools' names begin. No part of a caller is called so: theirs are shorter. */
const NAMED = 'tool-name'.padEnd(301)

const toolNameIn = (id: string): string | undefined =>
  id.startsWith(NAMED) ? (JSON.parse(id.slice(NAMED.length)) as [string, string])[1] : undefined

const joining = ({ joined }: { readonly joined?: boolean | undefined }) =>
  joined === undefined ? {} : { joined }

async function push(gate: StreamGate, line: z.infer<typeof lineSchema>): Promise<readonly GateStep[]> {
  switch (line.kind) {
    case 'text':
      return [await gate.push(line.part, line.stage ?? 'output', line.text, joining(line))]
    case 'whole':
      return [
        await gate.pushPart(
          line.part,
          { stage: line.stage, text: line.text, json: line.json ?? false },
          joining(line),
        ),
      ]
    case 'tool': {
      const { stage, toolName, text, json } = line
      // The name is the model's own word too.
      const name = { text: JSON.stringify(toolName), json: true, origin: { kind: 'tool-name' } }
      const named = await gate.pushPart(`${NAMED}${JSON.stringify([line.part, toolName])}`, {
        stage,
        toolName,
        ...name,
      })
      if (named.kind !== 'open') return [named]
      return [named, await gate.pushPart(line.part, { stage, toolName, text, json })]
    }
    case 'media':
      return [await gate.pushPart(line.part, { stage: line.stage, media: line.media })]
    case 'end':
      return [await gate.endPart(line.part)]
  }
}

/**
 * What a step of the gate gives the caller; a line that is no release is the last.
 * @throws PARAPET_SERVER_UNSUPPORTED for a tool's name that would need an edit
 */
function* linesOf(step: GateStep, call: Call): Generator<AnswerLine> {
  const { options, decided } = call
  for (const { id, text } of step.release) {
    const name = toolNameIn(id)
    if (name === undefined) yield { kind: 'released', part: id, text }
    else if (text !== JSON.stringify(name))
      throw serverError('PARAPET_SERVER_UNSUPPORTED', {
        feature: 'name of a tool that a rule edits',
        instead: 'Let rules block such names.',
      })
  }
  if (step.kind === 'open') return
  decided(step.decision)
  const { release: _, ...end } = step
  yield { ...end, decision: shownDecision(step.decision, options.answers) } as AnswerLine
}

/** Puts the lines of a body through the gate. Whatever goes wrong ends the answer: what was not released stays back. */
async function* gated(
  gate: StreamGate,
  lines: AsyncIterator<string>,
  call: Call,
  over: () => void,
): AsyncGenerator<AnswerLine> {
  try {
    for (;;) {
      call.signal.throwIfAborted()
      const { done, value } = await lines.next()
      const steps = done ? [await gate.end()] : await push(gate, parseAs(lineSchema, parseJson(value)))
      for (const step of steps) {
        yield* linesOf(step, call)
        if (step.kind !== 'open') return
      }
    }
  } catch (error) {
    const { status, body } = tellableError(error)
    if (status >= 500 && !call.signal.aborted) call.options.onFault(error)
    yield { kind: 'failed', ...body }
  } finally {
    // After its end this does nothing; before it, what was decided so far is recorded.
    await gate.cancel().catch(call.options.onFault)
    await lines.return?.()
    over()
  }
}

function ndjson(lines: AsyncGenerator<AnswerLine>, leave: (reason: unknown) => void): Response {
  const encoder = new TextEncoder()
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await lines.next()
      if (done) controller.close()
      else controller.enqueue(encoder.encode(`${JSON.stringify(value)}\n`))
    },
    async cancel(reason) {
      // What is waited for ends first: nobody reads what it would have given.
      leave(reason)
      await lines.return(undefined)
    },
  })
  return new Response(body, {
    headers: { 'content-type': 'application/x-ndjson', 'cache-control': 'no-store' },
  })
}

async function handle(call: Call): Promise<Response> {
  checkContentType(call.request, 'application/x-ndjson')
  const { signal, abort, unlink } = linkedAbort(call.signal)
  const lines = bodyLines(call.request, call.options, signal)
  const first = await lines.next()
  const start = parseAs(startSchema, parseJson(first.done ? '' : first.value))
  const gate = call.guard
    .exchange({
      messages: judgedRoles(start.messages ?? [], call.options.systemMessages),
      context: contextOf(call, start.context),
      signal,
    })
    .gate()
  return ndjson(gated(gate, lines, { ...call, signal }, unlink), abort)
}

export const checkStreamRoute = route({
  method: 'POST',
  path: '/v1/check/stream',
  id: 'checkStream',
  summary:
    'An answer through the gate while it is written: a line `start`, then its parts; the end of the body ends it. What may be shown comes back as it is judged.',
  body: { type: 'application/x-ndjson', schema: z.union([startSchema, lineSchema]) },
  answers: [{ type: 'application/x-ndjson', schema: answerSchema }],
  handle,
})
