import type { AnswerPart, Decision, GateStep, JsonObject, StreamGate } from '@parapet/sdk'
import { EditWatch } from '../answer/edit-watch.ts'
import { mayHide } from '../answer/may-hide.ts'

/** How an answer ended. */
export interface Ending {
  readonly kind: 'done' | 'filtered'
  readonly decision: Decision
  /** The message for end users, when the guard ended it. */
  readonly message?: string
  readonly ticket?: string
}

/** A text of an answer that comes in pieces. */
export interface TextPart {
  readonly id: string
  /** Tells whether, and from where on, what was released left what was pushed. */
  readonly watch: EditWatch
  ended: boolean
}

export interface TextPartInput {
  readonly stage: 'output' | 'reasoning'
  /** What is released together stands together: texts of one message. */
  readonly group: string
  /** Gets what is released of it, piece by piece, and what of each piece stands before the first edit. */
  readonly take: (text: string, unedited: string) => void
  /** Structured output: it is judged whole, by its leaves. @default false */
  readonly json?: boolean
  /** It is read together with the other texts of its stage, as `PushOptions` has it. @default true */
  readonly joined?: boolean
  /** What a resumed answer makes of it, where it is no plain text of the first choice. */
  readonly origin?: JsonObject
}

/** The parts of an answer on their way through a gate. After its end, `over` says how it ended, and nothing more is taken. */
export interface Parts {
  readonly over: Ending | undefined
  /** Begins a text. It stands in the answer where its first piece comes. */
  text(input: TextPartInput): TextPart
  push(part: TextPart, delta: string): Promise<void>
  end(part: TextPart): Promise<void>
  /** Judges a part in one piece. */
  whole(part: AnswerPart, owner: Owner): Promise<void>
  /** Ends the answer: what is left is judged and released. */
  finish(): Promise<void>
}

/** Who gets what is released. */
interface Owner {
  readonly group: string
  readonly take: (text: string) => void
}

interface Text extends TextPart, TextPartInput {
  readonly pieces: string[]
  begun: boolean
}

const nothing = () => undefined

const joining = ({ joined = true }: TextPartInput) => ({ joined })

/** Puts an answer's parts through a gate. The gate is asked one thing at a time. */
export function createParts(gate: StreamGate): Parts {
  const owners = new Map<string, Owner>()
  let over: Ending | undefined
  let ids = 0

  function own(owner: Owner): string {
    const id = String(ids++)
    owners.set(id, owner)
    return id
  }

  function act(step: GateStep): void {
    // Texts of one message are given together, so that a message ends before another one begins.
    const owned = step.release.flatMap(({ id, text }) => {
      const owner = owners.get(id)
      return owner ? [{ owner, text }] : []
    })
    for (const released of Map.groupBy(owned, ({ owner }) => owner.group).values())
      for (const { owner, text } of released) owner.take(text)
    if (step.kind === 'open') return
    const { decision } = step
    if (step.kind === 'done') over = { kind: 'done', decision }
    else
      over = {
        kind: 'filtered',
        decision,
        message: step.message,
        ...(step.kind === 'held' ? { ticket: step.ticket } : {}),
      }
  }

  async function whole(part: AnswerPart, owner: Owner): Promise<void> {
    if (over) return
    act(await gate.pushPart(own(owner), part))
  }

  /** A stored answer keeps no ids of texts, so what is not plain text is announced by an empty part. */
  async function announce(part: Text): Promise<void> {
    if (part.begun) return
    part.begun = true
    if (!part.origin || part.json) return
    await whole({ stage: 'output', text: '', origin: part.origin }, { group: part.group, take: nothing })
  }

  return {
    get over() {
      return over
    },

    text(input) {
      const watch = new EditWatch({ keepRest: input.stage === 'reasoning' })
      const take = (text: string) => input.take(text, watch.release(text))
      const id = own({ group: input.group, take })
      const part: Text = { ...input, id, watch, ended: false, pieces: [], begun: false }
      return part
    },

    async push(given, delta) {
      const part = given as Text
      if (over || delta === '') return
      part.watch.push(delta)
      if (part.json) {
        part.pieces.push(delta)
        return
      }
      await announce(part)
      if (!over) act(await gate.push(part.id, part.stage, delta, joining(part)))
    },

    async end(given) {
      const part = given as Text
      if (over || part.ended) return
      part.ended = true
      if (!part.json) return act(await gate.endPart(part.id))
      const text = part.pieces.join('')
      if (text === '') return
      const { stage, origin } = part
      const json = mayHide(text)
      const judged = { stage, text, json, ...(origin ? { origin } : {}) }
      act(await gate.pushPart(part.id, judged, joining(part)))
    },

    whole,

    async finish() {
      if (!over) act(await gate.end())
    },
  }
}
