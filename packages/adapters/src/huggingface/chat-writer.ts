import { defined, ID, matching, NAME } from '../answer/known-forms.ts'
import { parapetMember } from '../wire/parapet-member.ts'
import type { WireObject } from '../wire/wire-object.ts'
import type { Member } from './judged-choices.ts'
import { knownUsage } from './known-usage.ts'
import type { AnswerWriter, AskedRequest } from './protocol.ts'

interface Choice {
  begun: boolean
  readonly texts: Map<Member, string>
  readonly calls: WireObject[]
  reason: string
}

const REASON = /^[A-Za-z][\w-]{0,39}$/
const SEPARATOR = '\n\n'

/** Writes an answer to a chat, as chunks and as one completion. */
export function chatWriter({ model }: AskedRequest): AnswerWriter {
  const choices = new Map<number, Choice>()
  const pieces: WireObject[] = []
  const created = Math.floor(Date.now() / 1_000)
  let heading: WireObject | undefined
  let used: WireObject | undefined
  let parapet: WireObject | undefined

  const head = () => heading ?? knownHead({}, model, created)

  function choice(index: number): Choice {
    const known = choices.get(index)
    if (known) return known
    const begun: Choice = { begun: false, texts: new Map(), calls: [], reason: 'stop' }
    choices.set(index, begun)
    return begun
  }

  function chunk(index: number, delta: WireObject, reason: string | null, more: WireObject = {}): void {
    const own = choice(index)
    const role = own.begun ? {} : { role: 'assistant' }
    own.begun = true
    pieces.push({
      ...head(),
      object: 'chat.completion.chunk',
      choices: [{ index, delta: { ...role, ...delta }, finish_reason: reason }],
      ...more,
    })
  }

  function text(index: number, member: Member, released: string, more?: WireObject): void {
    if (released === '') return
    const { texts } = choice(index)
    texts.set(member, (texts.get(member) ?? '') + released)
    chunk(index, { [member]: released }, null, more)
  }

  return {
    head(given) {
      heading ??= knownHead(given, model, created)
      used = knownUsage(given['usage']) ?? used
    },
    text: (index, member, released) => text(index, member, released),
    call(index, { id, name, text: judged }) {
      const { calls } = choice(index)
      const call = { id, type: 'function', function: { name, arguments: judged } }
      chunk(index, { tool_calls: [{ index: calls.length, ...call }] }, null)
      calls.push(call)
    },
    reason(index, reason) {
      choice(index).reason = matching(REASON, reason) ?? 'stop'
    },
    end({ kind, decision, message = '', ticket }) {
      parapet = parapetMember(decision, ticket) as unknown as WireObject
      if (kind === 'filtered') {
        parapet = { ...parapet, message }
        if (choices.size === 0) choice(0)
        for (const [index, own] of choices) {
          own.reason = 'content_filter'
          const before = own.texts.get('content') ? SEPARATOR : ''
          text(index, 'content', before + message, { parapet })
        }
      }
      for (const [index, own] of choices) chunk(index, {}, own.reason, { parapet })
      if (used) pieces.push({ ...head(), object: 'chat.completion.chunk', choices: [], usage: used, parapet })
    },
    drain: () => pieces.splice(0),
    body: () => ({
      ...head(),
      object: 'chat.completion',
      choices: [...choices].sort(([a], [b]) => a - b).map(([index, own]) => wholeChoice(index, own)),
      ...defined({ usage: used, parapet }),
    }),
  }
}

function knownHead(given: WireObject, model: unknown, created: number): WireObject {
  return {
    id: matching(ID, given['id']) ?? `parapet-${crypto.randomUUID()}`,
    created: typeof given['created'] === 'number' ? given['created'] : created,
    model: matching(NAME, given['model']) ?? matching(NAME, model) ?? 'unknown',
    system_fingerprint: matching(NAME, given['system_fingerprint']) ?? '',
  }
}

function wholeChoice(index: number, { texts, calls, reason }: Choice): WireObject {
  const { content = null, ...others } = Object.fromEntries(texts)
  return {
    index,
    message: { role: 'assistant', content, ...others, ...(calls.length === 0 ? {} : { tool_calls: calls }) },
    finish_reason: reason,
  }
}
