import type { Answer, AnswerOutcome, AnswerPart, GateStep, StreamGate } from './guard.ts'

/** Text that streams goes through the gate as a stream would; everything else as a whole part. */
function add(gate: StreamGate, id: string, part: AnswerPart): Promise<GateStep> {
  const streams =
    !('media' in part) && (part.stage === 'output' || part.stage === 'reasoning') && part.json !== true
  return streams ? gate.push(id, part.stage, part.text) : gate.pushPart(id, part)
}

/** Puts a whole answer through a gate, so that it gets what a stream of it would have got, to the character. */
export async function collectAnswer(gate: StreamGate, answer: Answer): Promise<AnswerOutcome> {
  const released: (string | undefined)[] = answer.parts.map(() => undefined)
  const take = (step: GateStep): GateStep => {
    for (const { id, text } of step.release) released[Number(id)] = (released[Number(id)] ?? '') + text
    return step
  }
  const run = async (): Promise<Exclude<GateStep, { kind: 'open' }>> => {
    for (const [index, part] of answer.parts.entries()) {
      const id = String(index)
      for (const call of [() => add(gate, id, part), () => gate.endPart(id)]) {
        const step = take(await call())
        if (step.kind !== 'open') return step
      }
    }
    return take(await gate.end()) as Exclude<GateStep, { kind: 'open' }>
  }
  const end = await run()
  const { decision } = end
  if (end.kind === 'done') return { kind: 'released', decision, parts: released.map((text) => text ?? '') }
  if (end.kind === 'held')
    return { kind: 'held', decision, parts: released, message: end.message, ticket: end.ticket }
  return { kind: 'blocked', decision, parts: released, message: end.message }
}
