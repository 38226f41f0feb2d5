import type { AnswerPart, GateRelease, GateStep, PushOptions, StreamGate } from '../guard/guard.ts'

type Event =
  | {
      readonly kind: 'push'
      readonly id: string
      readonly stage: 'output' | 'reasoning'
      readonly delta: string
      readonly options: PushOptions | undefined
    }
  | {
      readonly kind: 'part'
      readonly id: string
      readonly part: AnswerPart
      readonly options: PushOptions | undefined
    }
  | { readonly kind: 'end'; readonly id: string }

/**
 * Lets everything pass as it comes and asks `gate` afterwards what it would have done.
 * Keeps at most `maxCharacters` of text; the gate sees that more came, and says so.
 */
export function createShadowGate(gate: StreamGate, maxCharacters: number): StreamGate {
  const events: Event[] = []
  let characters = 0

  function keep(event: Event, text: string): void {
    if (characters > maxCharacters) return
    characters += text.length
    events.push(event)
  }
  const pass = (release: readonly GateRelease[]): Promise<GateStep> =>
    Promise.resolve({ kind: 'open', release })

  async function replay(): Promise<GateStep> {
    for (const event of events) {
      const step =
        event.kind === 'push'
          ? await gate.push(event.id, event.stage, event.delta, event.options)
          : event.kind === 'part'
            ? await gate.pushPart(event.id, event.part, event.options)
            : await gate.endPart(event.id)
      if (step.kind !== 'open') return step
    }
    return gate.end()
  }

  return {
    push(id, stage, delta, options) {
      keep({ kind: 'push', id, stage, delta, options }, delta)
      return pass([{ id, text: delta }])
    },
    pushPart(id, part, options) {
      const text = 'media' in part ? '' : part.text
      keep({ kind: 'part', id, part, options }, text)
      return pass([{ id, text }])
    },
    endPart(id) {
      keep({ kind: 'end', id }, '')
      return pass([])
    },
    async end() {
      const step = await replay()
      // Settled in shadow, an ended answer is always `done`: the verdict stands in the decision.
      return { ...step, release: [] }
    },
    cancel: () => gate.cancel(),
  }
}
