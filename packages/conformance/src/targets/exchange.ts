import type { GateStep, Guard, StreamGate } from '@parapet/sdk'
import type { CallRequest, Ending, OpenTarget, Piece, Target, TargetSetup } from '../kit/target.ts'
import { version } from '../version.ts'
import { type ChatDelta, callChat, chatBody } from './call-chat.ts'
import { messagesOf } from './guard-messages.ts'
import { KIT_GUARD_HOW, kitGuard } from './kit-guard.ts'

/** Each kind of text of a choice is one part: no other goes on with it. */
const ALONE = { joined: false }

type Receive = (piece: Piece) => void

/** Where a released text belongs: the gate's ids are the kind and the choice. */
function receiveStep(step: GateStep, receive: Receive): GateStep {
  for (const { id, text } of step.release) {
    const [kind, choice] = id.split('/') as [Piece['kind'], string]
    receive({ kind, choice: Number(choice), text })
  }
  return step
}

/** Gives an answer to the gate as it comes: text and reasoning stream, JSON and tool calls wait until they are whole. */
async function passThrough(
  deltas: AsyncIterable<ChatDelta>,
  gate: StreamGate,
  json: boolean,
  receive: Receive,
): Promise<GateStep> {
  const whole = new Map<string, string>()
  const keep = (id: string, text: string) => whole.set(id, (whole.get(id) ?? '') + text)
  for await (const { choice, text, reasoning, toolCall } of deltas) {
    const steps: GateStep[] = []
    if (reasoning !== undefined)
      steps.push(await gate.push(`reasoning/${choice}`, 'reasoning', reasoning, ALONE))
    if (text !== undefined && json) keep(`text/${choice}`, text)
    else if (text !== undefined) steps.push(await gate.push(`text/${choice}`, 'output', text, ALONE))
    if (toolCall !== undefined) keep(`toolCall/${choice}`, toolCall)
    for (const step of steps) if (receiveStep(step, receive).kind !== 'open') return step
  }
  for (const [id, text] of whole) {
    const part = id.startsWith('toolCall')
      ? ({ stage: 'toolCall', toolName: 'note', text, json: true } as const)
      : ({ stage: 'output', text, json: true } as const)
    const step = receiveStep(await gate.pushPart(id, part), receive)
    if (step.kind !== 'open') return step
  }
  return receiveStep(await gate.end(), receive)
}

async function ask(
  guard: Guard,
  upstreamUrl: string,
  request: CallRequest,
  stream: boolean,
  receive: Receive,
): Promise<Ending> {
  const exchange = guard.exchange({ messages: messagesOf(request), signal: request.signal })
  const input = await exchange.input()
  if (input.kind !== 'released') {
    receive({ kind: 'message', text: input.message })
    return { kind: 'stopped' }
  }
  const gate = exchange.gate()
  const hangUp = new AbortController()
  try {
    const deltas = callChat(upstreamUrl, chatBody(request, stream), { signal: hangUp.signal })
    const end = await passThrough(deltas, gate, request.json ?? false, receive)
    if (end.kind !== 'blocked' && end.kind !== 'held') return { kind: 'finished' }
    receive({ kind: 'message', text: end.message })
    return { kind: 'stopped' }
  } catch (error) {
    await gate.cancel()
    return { kind: 'failed', error }
  } finally {
    hangUp.abort()
  }
}

/** The guard itself, as docs/writing-an-adapter.md says, around a provider that is called by hand. */
export const exchange: Target = {
  name: 'parapet/exchange',
  version,
  how: `${KIT_GUARD_HOW}; driven by guard.exchange (docs/writing-an-adapter.md)`,
  async open({ upstreamUrl, ...setup }: TargetSetup): Promise<OpenTarget> {
    const guard = kitGuard(setup)
    return {
      generate: (request, receive) => ask(guard, upstreamUrl, request, false, receive),
      stream: (request, receive) => ask(guard, upstreamUrl, request, true, receive),
      close: () => guard.close(),
    }
  },
}
