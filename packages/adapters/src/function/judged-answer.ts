import type { Asked, Exchange, GateStep, Guard, Message, MessageInput, StreamGate } from '@parapet/sdk'
import { keptBackError } from '../answer/kept-back-error.ts'
import { mayHide } from '../answer/may-hide.ts'
import type { ProviderCall } from '../answer/provider-call.ts'
import { withinSilence } from '../wire/within-silence.ts'
import { type AnswerPieces, answerPieces } from './answer-pieces.ts'
import type { ChatFunction, FunctionCallOptions, FunctionEnd, FunctionEvent } from './chat-function.ts'

/** What a call of a guarded function is made of. */
export interface JudgedAnswerInput {
  readonly guard: Guard
  readonly answer: ChatFunction
  readonly messages: readonly MessageInput[]
  readonly options: FunctionCallOptions
  readonly call: ProviderCall
  /** The longest silence of the function in milliseconds. */
  readonly stallMs: number
  readonly onProviderError: (error: unknown) => void
}

const PART = 'answer'

/** Messages as the caller wrote them: a string stays one, with its edits. */
function asGiven(given: readonly MessageInput[], released: readonly Message[]): readonly MessageInput[] {
  return released.map(({ role, parts }, index) => {
    const [first] = parts
    const asText = typeof given[index]?.content === 'string' && first?.type === 'text'
    return { role, content: asText ? first.text : parts }
  })
}

type Ended = Exclude<GateStep, { kind: 'open' }> | Exclude<Asked<unknown>, { kind: 'answered' }>

function endOf(ended: Ended): FunctionEnd {
  const decisionId = ended.decision.id
  if (ended.kind === 'done') return { kind: 'released', decisionId }
  const { message } = ended
  if (ended.kind === 'held') return { kind: 'held', decisionId, message, ticket: ended.ticket }
  return { kind: 'blocked', decisionId, message }
}

function textsOf({ release }: GateStep): FunctionEvent[] {
  const text = release.map((released) => released.text).join('')
  return text === '' ? [] : [{ kind: 'text', text }]
}

/** JSON is judged as one text: its pieces wait for the last one, as far as the policy's limit goes. */
async function joined(next: AnswerPieces['next'], maxCharacters: number): Promise<string> {
  let text = ''
  for (let piece = await next(); piece !== undefined; piece = await next()) {
    text += piece
    if (text.length > maxCharacters) break
  }
  return text
}

/** A call's answer, judged as it comes: released text, and then how it ended. */
export async function* judgedAnswer(input: JudgedAnswerInput): AsyncGenerator<FunctionEvent, void> {
  const { guard, answer, messages, options, call, stallMs } = input
  const { context = {}, grant, json = false } = options
  const fail = (error: unknown) =>
    call.left ? call.signal.reason : keptBackError(error, input.onProviderError)

  /** Asks the function for something: it may be silent for so long. */
  async function reading<Result>(work: () => PromiseLike<Result>): Promise<Result> {
    try {
      return await call.race(withinSilence(work(), stallMs))
    } catch (error) {
      throw fail(error)
    }
  }

  function ask(exchange: Exchange): Promise<Asked<AnswerPieces>> {
    return exchange.ask<AnswerPieces>({
      call: (released, signal) =>
        reading(async () =>
          answerPieces(
            await answer(asGiven(messages, released), { signal: AbortSignal.any([call.signal, signal]) }),
          ),
        ),
      discard: (pieces) => pieces.letGo(),
    })
  }

  /** Takes the answer's next piece, or what is left of it, through the gate. */
  async function step(gate: StreamGate, pieces: AnswerPieces): Promise<readonly GateStep[]> {
    if (json) {
      const { maxCharacters } = guard.policy.document.limits
      const text = await joined(() => reading(() => pieces.next()), maxCharacters)
      const pushed =
        text === '' ? [] : [await gate.pushPart(PART, { stage: 'output', text, json: mayHide(text) })]
      return pushed.some(({ kind }) => kind !== 'open') ? pushed : [...pushed, await gate.end()]
    }
    const piece = await reading(() => pieces.next())
    return [piece === undefined ? await gate.end() : await gate.push(PART, 'output', piece)]
  }

  const exchange = guard.exchange({
    messages,
    context,
    signal: call.signal,
    ...(grant === undefined ? {} : { grant }),
  })
  const asked = await ask(exchange)
  if (asked.kind !== 'answered') return yield endOf(asked)
  const pieces = asked.answer
  const gate = exchange.gate()
  call.onLeave(() => gate.cancel())
  let over = false
  try {
    while (!over) {
      for (const taken of await step(gate, pieces)) {
        if (taken.kind !== 'open') {
          over = true
          // What was blocked is not read on, and not paid for.
          if (taken.kind !== 'done') call.abort()
        }
        yield* textsOf(taken)
        if (taken.kind !== 'open') yield endOf(taken)
      }
    }
  } finally {
    pieces.letGo()
    // A fault records what was judged so far; so does a caller who leaves, by `onLeave`.
    if (!over) await gate.cancel().catch(() => undefined)
  }
}
