import { defined, ID, matching, NAME } from '../answer/known-forms.ts'
import { parapetMember } from '../wire/parapet-member.ts'
import { isObject, type WireObject } from '../wire/wire-object.ts'
import type { Member } from './judged-choices.ts'
import { knownUsage } from './known-usage.ts'
import type { AnswerWriter, AskedRequest } from './protocol.ts'

interface Sequence {
  readonly texts: Map<Member, string>
  reason: string
}

const REASON = /^[A-Za-z][\w-]{0,39}$/
const SEPARATOR = '\n\n'

/** Writes an answer to a text generation: in the form of its stream, tokens or chunks of a completion, and in one. */
export function textWriter({ model }: AskedRequest): AnswerWriter {
  const sequences = new Map<number, Sequence>()
  const pieces: WireObject[] = []
  const created = Math.floor(Date.now() / 1_000)
  let completion: WireObject | undefined
  let details: WireObject | undefined
  let used: WireObject | undefined
  let parapet: WireObject = {}
  let tokens = 0

  function sequence(index: number): Sequence {
    const known = sequences.get(index)
    if (known) return known
    const begun: Sequence = { texts: new Map(), reason: 'eos_token' }
    sequences.set(index, begun)
    return begun
  }

  /** The whole text of a sequence: as the provider said it at the end, or all that it streamed. */
  const wholeOf = ({ texts }: Sequence): string => texts.get('full_text') ?? texts.get('content') ?? ''

  /** A token of the guard's own: what a gate releases is no token of the model, and has no number and no probability. */
  const token = (text: string, more: WireObject = {}): WireObject => ({
    index: ++tokens,
    token: { id: -1, text, logprob: 0, special: false },
    generated_text: null,
    details: null,
    ...more,
  })

  const chunk = (index: number, text: string, reason: string | null, more: WireObject = {}): WireObject => ({
    ...completion,
    choices: [{ index, text, finish_reason: reason }],
    ...more,
  })

  function text(index: number, member: Member, released: string, more: WireObject = {}): void {
    if (released === '') return
    const { texts } = sequence(index)
    texts.set(member, (texts.get(member) ?? '') + released)
    if (member !== 'content') return
    if (completion) pieces.push(chunk(index, released, null, more))
    else if (index === 0) pieces.push(token(released, more))
  }

  function detailsOf({ reason }: Sequence): WireObject {
    const others = [...sequences].filter(([index]) => index > 0).sort(([a], [b]) => a - b)
    return {
      generated_tokens: 0,
      ...details,
      finish_reason: reason,
      prefill: [],
      tokens: [],
      ...(others.length === 0 ? {} : { best_of_sequences: others.map(([, other]) => bestOf(other)) }),
    }
  }

  const bestOf = (other: Sequence): WireObject => ({
    generated_text: wholeOf(other),
    finish_reason: other.reason,
    generated_tokens: 0,
    prefill: [],
    tokens: [],
  })

  return {
    head(given) {
      if (Array.isArray(given['choices'])) completion ??= knownHead(given, model, created)
      used = knownUsage(given['usage']) ?? used
      if (isObject(given['details'])) details = knownCounts(given['details'])
    },
    text: (index, member, released) => text(index, member, released),
    call: () => undefined,
    reason(index, reason) {
      sequence(index).reason = matching(REASON, reason) ?? 'eos_token'
    },
    end({ kind, decision, message = '', ticket }) {
      parapet = parapetMember(decision, ticket) as unknown as WireObject
      const first = sequence(0)
      if (kind === 'filtered') {
        parapet = { ...parapet, message }
        for (const [index, own] of sequences) {
          own.reason = 'content_filter'
          const before = wholeOf(own) === '' ? '' : SEPARATOR
          if (own.texts.has('full_text')) own.texts.set('full_text', wholeOf(own) + before + message)
          text(index, 'content', before + message, { parapet })
        }
      }
      if (completion)
        for (const [index, own] of sequences)
          pieces.push(chunk(index, '', own.reason, { ...defined({ usage: used }), parapet }))
      else pieces.push(token('', { generated_text: wholeOf(first), details: detailsOf(first), parapet }))
    },
    drain: () => pieces.splice(0),
    body() {
      const first = sequence(0)
      const given = details || sequences.size > 1
      return { generated_text: wholeOf(first), ...(given ? { details: detailsOf(first) } : {}), parapet }
    },
  }
}

function knownHead(given: WireObject, model: unknown, created: number): WireObject {
  return {
    id: matching(ID, given['id']) ?? `parapet-${crypto.randomUUID()}`,
    object: 'text_completion',
    created: typeof given['created'] === 'number' ? given['created'] : created,
    model: matching(NAME, given['model']) ?? matching(NAME, model) ?? 'unknown',
  }
}

/** The counts of an answer. Tokens, prefill and probabilities spell the text once more, and stay back. */
function knownCounts(details: WireObject): WireObject {
  const count = (name: string) => (typeof details[name] === 'number' ? details[name] : undefined)
  return defined({
    generated_tokens: count('generated_tokens'),
    input_length: count('input_length'),
    seed: count('seed'),
  })
}
