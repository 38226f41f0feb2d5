import type { AnswerPart, Decision, GateStep, StreamGate } from '@parapet/sdk'
import { createIds } from '../answer/known-forms.ts'
import { mayHide } from '../answer/may-hide.ts'
import { answerMalformed } from './answer-malformed.ts'

/**
 * A kind of text that a choice of an answer has. Texts of a kind are one text, from the first piece to the last;
 * `full_text` is what a stream says once more at its end, where that is another text.
 */
export type Member = 'content' | 'reasoning_content' | 'refusal' | 'full_text'

/** How an answer ended. */
export interface Ending {
  readonly kind: 'done' | 'filtered'
  readonly decision: Decision
  /** The message for end users, where the guard ended it. */
  readonly message?: string
  readonly ticket?: string
}

/** A tool call, as it was released. */
export interface ReleasedCall {
  readonly id: string
  readonly name: string
  readonly text: string
}

/** Writes what was released. */
export interface ChoiceWriter {
  text(choice: number, member: Member, text: string): void
  call(choice: number, call: ReleasedCall): void
  reason(choice: number, reason: unknown): void
}

/** A tool call that arrives in pieces. */
interface PendingCall {
  readonly index: number
  id: string | undefined
  name: string
  text: string
}

interface Choice {
  ended: boolean
  /** The id of each kind of text in the gate, and the pieces of those that are judged whole. */
  readonly members: Map<Member, { readonly id: string; readonly pieces: string[] }>
  readonly calls: Map<number, PendingCall>
}

export interface JudgedChoicesInput {
  readonly gate: StreamGate
  readonly writer: ChoiceWriter
  /** The call asked for JSON: the content is judged whole, by its leaves. */
  readonly structured: boolean
  /** The tools that the developer offered: their names are not the model's words. */
  readonly toolNames: ReadonlySet<unknown>
}

/** Every choice of an answer, on its way through one gate. */
export interface JudgedChoices {
  /** How the answer ended, once it has. Nothing is judged after that. */
  readonly over: Ending | undefined
  /** Whether each choice that began has ended, and one has. */
  readonly complete: boolean
  text(choice: number, member: Member, text: string): Promise<void>
  call(choice: number, index: number, piece: { id: unknown; name: string; text: string }): void
  /** The choice is whole: what waits is judged. */
  end(choice: number, reason: unknown): Promise<void>
  /** The answer is over. */
  finish(): Promise<void>
}

const MEMBERS: readonly Member[] = ['reasoning_content', 'content', 'refusal', 'full_text']
const MOST = 1_024

export function createJudgedChoices(input: JudgedChoicesInput): JudgedChoices {
  const { gate, writer, structured, toolNames } = input
  const choices = new Map<number, Choice>()
  const takes = new Map<string, (text: string) => void>()
  const idOf = createIds()
  let over: Ending | undefined
  let ids = 0

  function own(take: (text: string) => void): string {
    const id = String(ids++)
    takes.set(id, take)
    return id
  }

  function act(step: GateStep): void {
    for (const { id, text } of step.release) takes.get(id)?.(text)
    if (step.kind === 'open') return
    const { decision } = step
    if (step.kind === 'done') over = { kind: 'done', decision }
    else {
      const ticket = step.kind === 'held' ? { ticket: step.ticket } : {}
      over = { kind: 'filtered', decision, message: step.message, ...ticket }
    }
  }

  function open(index: number): Choice {
    if (!Number.isInteger(index) || index < 0 || index >= MOST)
      throw answerMalformed('a choice without a place')
    const known = choices.get(index)
    if (known?.ended) throw answerMalformed('a choice that goes on after its end')
    if (known) return known
    const choice: Choice = { ended: false, members: new Map(), calls: new Map() }
    choices.set(index, choice)
    return choice
  }

  const whole = (member: Member) => structured && (member === 'content' || member === 'full_text')
  const stageOf = (member: Member) => (member === 'reasoning_content' ? 'reasoning' : 'output')

  async function judgeCall(index: number, { id, name, text }: PendingCall): Promise<void> {
    const called = idOf(id)
    const choice = index === 0 ? {} : { choice: index }
    let released = name
    if (!toolNames.has(name)) {
      const named = own((value) => {
        released = JSON.parse(value)
      })
      const json = JSON.stringify(name)
      const origin = { kind: 'tool-name' }
      act(await gate.pushPart(named, { stage: 'toolCall', toolName: name, text: json, json: true, origin }))
      if (over) return
    }
    const part: AnswerPart = {
      stage: 'toolCall',
      toolName: name,
      text,
      json: true,
      origin: { kind: 'call', id: called, ...choice },
    }
    const take = (value: string) => writer.call(index, { id: called, name: released, text: value })
    act(await gate.pushPart(own(take), part))
  }

  return {
    get over() {
      return over
    },
    get complete() {
      return choices.size > 0 && [...choices.values()].every(({ ended }) => ended)
    },
    async text(index, member, text) {
      if (over || text === '') return
      const { members } = open(index)
      const known = members.get(member) ?? {
        id: own((value) => writer.text(index, member, value)),
        pieces: [],
      }
      members.set(member, known)
      if (whole(member)) known.pieces.push(text)
      // Each of them is one text from its first piece to its end, and no other choice goes on with it.
      else act(await gate.push(known.id, stageOf(member), text, { joined: false }))
    },
    call(index, place, { id, name, text }) {
      const { calls } = open(index)
      if (!Number.isInteger(place) || place < 0 || place >= MOST)
        throw answerMalformed('a tool call without a place')
      const given = typeof id === 'string' && id !== '' ? id : undefined
      const known = calls.get(place) ?? { index: place, id: given, name: '', text: '' }
      if (given !== undefined && known.id !== undefined && given !== known.id)
        throw answerMalformed('two tool calls in one place')
      known.id ??= given
      known.name += name
      known.text += text
      calls.set(place, known)
    },
    async end(index, reason) {
      // Some providers say it again with what they used.
      if (choices.get(index)?.ended) return
      const choice = open(index)
      choice.ended = true
      for (const member of MEMBERS) {
        const known = choice.members.get(member)
        if (!known || over) continue
        const text = known.pieces.join('')
        const part = { stage: 'output' as const, text, json: mayHide(text) }
        act(whole(member) ? await gate.pushPart(known.id, part) : await gate.endPart(known.id))
      }
      const called = new Set<string>()
      for (const call of [...choice.calls.values()].sort((a, b) => a.index - b.index)) {
        if (call.id !== undefined && called.has(call.id)) throw answerMalformed('two tool calls with one id')
        if (call.id !== undefined) called.add(call.id)
        if (!over) await judgeCall(index, call)
      }
      writer.reason(index, reason)
    },
    async finish() {
      if (!over) act(await gate.end())
    },
  }
}
