import type { GateStep, StreamGate } from '@parapet/sdk'
import { contextOf } from '../context-of.ts'
import { endUserMessage } from '../end-user-message.ts'
import type { Call } from '../route.ts'
import { litellmContext } from './litellm-context.ts'
import { refusal } from './refusal.ts'
import { readToolCall } from './tool-call.ts'
import type { EditHandling, LitellmAnswer, LitellmRequest } from './wire.ts'

/** What a gate gave back of an answer. */
interface Gated {
  readonly end: Exclude<GateStep, { readonly kind: 'open' }>
  /** Of each part, by its id: what was released. */
  readonly released: ReadonlyMap<string, string>
  /** Of each part: how much of it no later text can change, as of its last character. */
  readonly settled: ReadonlyMap<string, string>
}

async function throughGate(gate: StreamGate, request: LitellmRequest): Promise<Gated> {
  const released = new Map<string, string>()
  const settled = new Map<string, string>()
  const take = (step: GateStep) => {
    for (const { id, text } of step.release) released.set(id, (released.get(id) ?? '') + text)
    return step
  }
  async function* steps() {
    for (const [index, text] of (request.texts ?? []).entries()) {
      const id = `text-${index}`
      const step = take(await gate.push(id, 'output', text))
      settled.set(id, released.get(id) ?? '')
      yield step
      yield take(await gate.endPart(id))
    }
    for (const [index, call] of (request.tool_calls ?? []).entries()) {
      const read = readToolCall(call)
      if (!read) continue
      const { name, input } = read
      const part = { stage: 'toolCall', toolName: name, json: true } as const
      // A name is the model's own word too: which tools were offered is the caller's word alone.
      const named = { ...part, text: JSON.stringify(name), origin: { kind: 'tool-name' } }
      yield take(await gate.pushPart(`name-${index}`, named))
      yield take(await gate.pushPart(`call-${index}`, { ...part, text: input }))
    }
    for (const index of (request.images ?? []).keys())
      yield take(await gate.pushPart(`image-${index}`, { stage: 'output', media: 'image/*' }))
  }
  for await (const step of steps()) if (step.kind !== 'open') return { end: step, released, settled }
  return { end: take(await gate.end()) as Gated['end'], released, settled }
}

/** LiteLLM counts code points, as Python does; we count UTF-16 units. */
const codePoints = (text: string): number => [...text].length

/**
 * Judges what a model answered: `post_call`, and each round of a stream, for which LiteLLM sends all that came so far. It
 * does not say which round is the last, so each is judged as if it were. What a later round may still change is named in
 * `stream_holdback_chars`: all of it where the policy releases whole answers.
 */
export async function judgeResponse(
  call: Call,
  request: LitellmRequest,
  edits: EditHandling,
): Promise<LitellmAnswer> {
  const { context } = litellmContext(request)
  const exchange = call.guard.exchange({
    messages: [],
    context: contextOf(call, context),
    signal: call.signal,
  })
  const { end, released, settled } = await throughGate(exchange.gate(), request)
  const { decision } = end
  call.decided(decision)
  if (end.kind !== 'done') return refusal(end)
  const given = request.texts ?? []
  const texts = given.map((_, index) => released.get(`text-${index}`) ?? '')
  const edited = texts.some((text, index) => text !== given[index])
  // LiteLLM takes no edited call back: one that would need an edit does not pass, and none whose shape is not known.
  const shadow = call.guard.policy.document.mode === 'shadow'
  const keptCall = (request.tool_calls ?? []).some((each, index) => {
    const read = readToolCall(each)
    if (!read) return !shadow
    const same = released.get(`name-${index}`) === JSON.stringify(read.name)
    return !same || released.get(`call-${index}`) !== read.input
  })
  if (keptCall || (edited && edits === 'refuse'))
    return refusal({ decision, message: endUserMessage(call.guard.policy, context.locale) })
  const holdback = texts.map(
    (text, index) => codePoints(text) - codePoints(settled.get(`text-${index}`) ?? ''),
  )
  return {
    action: edited ? 'GUARDRAIL_INTERVENED' : 'NONE',
    ...(edited ? { texts } : {}),
    stream_holdback_chars: holdback,
  }
}
