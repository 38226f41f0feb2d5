import type { Exchange, GateStep } from '@parapet/sdk'
import { mayHide } from '../answer/may-hide.ts'
import { answerPieces } from './answer-pieces.ts'
import type { FunctionEvent } from './chat-function.ts'
import type { JudgedAnswerInput } from './judged-answer.ts'

/**
 * A call in shadow mode: the function is asked at once with the messages as they came, its text passes as it comes, and
 * only the end waits for the decision. A fault of the guard's own work ends the judging, and not the call.
 */
export async function* shadowAnswer(
  input: Omit<JudgedAnswerInput, 'onProviderError' | 'stallMs'>,
  onShadowFault: (error: unknown) => void,
): AsyncGenerator<FunctionEvent, void> {
  const { guard, answer, messages, options, call } = input
  let faulty = false
  const fault = (error: unknown) => {
    faulty = true
    try {
      onShadowFault(error)
    } catch {
      // Whoever listens may fail too.
    }
    return undefined
  }
  const guarded = async <Result>(work: () => Result | PromiseLike<Result>): Promise<Result | undefined> => {
    try {
      return faulty ? undefined : await work()
    } catch (error) {
      return fault(error)
    }
  }

  let exchange: Exchange | undefined
  let request: Promise<unknown> = Promise.resolve()
  try {
    exchange = guard.exchange({ messages, context: options.context ?? {}, signal: call.signal })
    request = exchange.input().catch(fault)
  } catch (error) {
    fault(error)
  }
  const pieces = await call.race(
    (async () => answerPieces(await answer(messages, { signal: call.signal })))(),
  )
  const gate = exchange?.gate()
  const cancel = async () => void (await gate?.cancel().catch(fault))
  call.onLeave(cancel)
  const { maxCharacters } = guard.policy.document.limits
  let json = ''
  let over = false
  try {
    for (;;) {
      const piece = await call.race(pieces.next())
      if (piece === undefined) break
      if (options.json !== true) await guarded(() => gate?.push('answer', 'output', piece))
      else if (json.length <= maxCharacters) json += piece
      if (piece !== '') yield { kind: 'text', text: piece }
    }
    // The request's record stands before the answer's.
    await request
    if (json !== '')
      await guarded(() => gate?.pushPart('answer', { stage: 'output', text: json, json: mayHide(json) }))
    const end: GateStep | undefined = await guarded(() => gate?.end())
    over = true
    yield {
      kind: 'released',
      ...(end && end.kind !== 'open' && !faulty ? { decisionId: end.decision.id } : {}),
    }
  } finally {
    pieces.letGo()
    if (!over) await cancel()
  }
}
