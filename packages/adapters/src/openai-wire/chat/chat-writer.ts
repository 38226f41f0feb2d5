import { defined, matching, NAME } from '../../answer/known-forms.ts'
import { type Json, numberOf } from '../json-value.ts'
import type { Ending } from '../parts.ts'
import { type Filtered, parapetMember, type WireEvent } from '../protocol.ts'
import type { AskedRequest } from '../request-slots.ts'
import { knownUsage } from '../wire-usage.ts'

/** A released tool call. */
export interface ReleasedCall {
  /** Missing for the one `function_call` of old. */
  readonly id: string | undefined
  readonly type: 'function' | 'custom'
  readonly name: string
  readonly text: string
}

interface Choice {
  begun: boolean
  content: string
  refusal: string
  reasoning_content: string
  audio: Json | undefined
  functionCall: Json | undefined
  readonly calls: Json[]
  readonly annotations: Json[]
  readonly images: Json[]
  reason: string
}

/** Writes what was released, as chunks and as one completion. Every member of either is made here. */
export interface ChatWriter {
  /** What the answer says of itself. */
  head(given: Json): void
  usage(given: unknown): void
  /** The name that the provider has for reasoning. */
  reasonsAs(name: 'reasoning_content' | 'reasoning'): void
  text(choice: number, member: 'content' | 'refusal' | 'reasoning_content', text: string): void
  call(choice: number, call: ReleasedCall): void
  audio(choice: number, audio: Json): void
  annotation(choice: number, annotation: Json): void
  image(choice: number, image: Json): void
  /** Why the choice ended: told when the whole answer is over. */
  reason(choice: number, reason: string): void
  /** Ends the answer. */
  end(ending: Ending): void
  drain(): WireEvent[]
  body(): Json
}

const REASONS = ['stop', 'length', 'tool_calls', 'content_filter', 'function_call']
const SEPARATOR = '\n\n'

export function createChatWriter(asked: AskedRequest): ChatWriter {
  const choices = new Map<number, Choice>()
  const events: WireEvent[] = []
  let heading: Json | undefined
  let used: Json | undefined
  let decided: Json = {}
  let reasoning = 'reasoning_content'

  function head(): Json {
    heading ??= knownHead({}, asked)
    return heading
  }

  function choice(index: number): Choice {
    const known = choices.get(index)
    if (known) return known
    const begun: Choice = {
      begun: false,
      content: '',
      refusal: '',
      reasoning_content: '',
      audio: undefined,
      functionCall: undefined,
      calls: [],
      annotations: [],
      images: [],
      reason: 'stop',
    }
    choices.set(index, begun)
    return begun
  }

  function chunk(index: number, delta: Json, reason: string | null = null): void {
    const own = choice(index)
    const role = own.begun ? {} : { role: 'assistant' }
    own.begun = true
    events.push({
      data: {
        ...head(),
        object: 'chat.completion.chunk',
        choices: [{ index, delta: { ...role, ...delta }, logprobs: null, finish_reason: reason }],
        ...(reason === null ? {} : decided),
      },
    })
  }

  function text(index: number, member: 'content' | 'refusal' | 'reasoning_content', released: string): void {
    if (released === '') return
    choice(index)[member] += released
    chunk(index, { [member === 'reasoning_content' ? reasoning : member]: released })
  }

  /** The message for end users: the text of each choice, or its refusal where the text would have to be JSON. */
  function filter({ message }: Pick<Filtered, 'message'>): void {
    for (let index = 0; index < asked.choices; index++) choice(index)
    for (const [index, own] of choices) {
      own.reason = 'content_filter'
      const separator = own.content === '' || asked.structured ? '' : SEPARATOR
      text(index, asked.structured ? 'refusal' : 'content', separator + message)
    }
  }

  return {
    head(given) {
      heading ??= knownHead(given, asked)
    },
    usage(given) {
      used = knownUsage(given) ?? used
    },
    reasonsAs(name) {
      reasoning = name
    },
    text,
    call(index, { id, type, name, text: judged }) {
      const own = choice(index)
      const called = type === 'custom' ? { name, input: judged } : { name, arguments: judged }
      if (id === undefined) {
        own.functionCall = called
        return chunk(index, { function_call: called })
      }
      const whole = { id, type, [type]: called }
      own.calls.push(whole)
      chunk(index, { tool_calls: [{ index: own.calls.length - 1, ...whole }] })
    },
    audio(index, audio) {
      choice(index).audio = audio
      chunk(index, { audio })
    },
    annotation(index, annotation) {
      choice(index).annotations.push(annotation)
      chunk(index, { annotations: [annotation] })
    },
    image(index, image) {
      choice(index).images.push(image)
      chunk(index, { images: [image] })
    },
    reason(index, reason) {
      choice(index).reason = REASONS.includes(reason) ? reason : 'stop'
    },
    end({ kind, decision, message = '', ticket }) {
      decided = parapetMember({ decision, ...(ticket === undefined ? {} : { ticket }) })
      if (kind === 'filtered') filter({ message })
      for (const [index, own] of choices) chunk(index, {}, own.reason)
      if (used)
        events.push({ data: { ...head(), object: 'chat.completion.chunk', choices: [], usage: used } })
      events.push({ data: '[DONE]' })
    },
    drain: () => events.splice(0),
    body: () => ({
      ...head(),
      object: 'chat.completion',
      choices: [...choices]
        .sort(([a], [b]) => a - b)
        .map(([index, own]) => wholeChoice(index, own, reasoning)),
      ...(used ? { usage: used } : {}),
      ...decided,
    }),
  }
}

function knownHead(given: Json, { model }: AskedRequest): Json {
  return {
    id: matching(/^[\w.:-]{1,128}$/, given['id']) ?? `chatcmpl-parapet-${crypto.randomUUID()}`,
    object: 'chat.completion',
    created: numberOf(given['created']) ?? Math.floor(Date.now() / 1000),
    model: matching(NAME, given['model']) ?? matching(NAME, model) ?? 'unknown',
    ...defined({
      system_fingerprint: matching(NAME, given['system_fingerprint']),
      service_tier: matching(NAME, given['service_tier']),
    }),
  }
}

function wholeChoice(index: number, own: Choice, reasoning: string): Json {
  return {
    index,
    message: {
      role: 'assistant',
      content: own.content === '' ? null : own.content,
      refusal: own.refusal === '' ? null : own.refusal,
      ...(own.reasoning_content === '' ? {} : { [reasoning]: own.reasoning_content }),
      ...(own.annotations.length === 0 ? {} : { annotations: own.annotations }),
      ...(own.images.length === 0 ? {} : { images: own.images }),
      ...defined({ audio: own.audio, function_call: own.functionCall }),
      ...(own.calls.length === 0 ? {} : { tool_calls: own.calls }),
    },
    logprobs: null,
    finish_reason: own.reason,
  }
}
