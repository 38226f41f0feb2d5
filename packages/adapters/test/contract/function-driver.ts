import { FUNCTION_CAPABILITIES, type FunctionEvent, guardFunction } from '@parapet/adapters/function'
import type { Guard, MessageInput } from '@parapet/sdk'
import type {
  AdapterDriver,
  ContractAnswer,
  ContractRequest,
  UpstreamLog,
  UpstreamPart,
  UpstreamScript,
} from '@parapet/sdk/testing'

const every7 = (text: string) => text.match(/[\s\S]{1,7}/g) ?? []

/** What a function can answer with: text, and, against its type, anything. */
function piecesOf(part: UpstreamPart, chunk: (text: string) => readonly string[]): readonly unknown[] {
  return part.kind === 'text' ? chunk(part.text) : [part]
}

/** A function that answers as a script says. A stream that breaks off throws, as one that reads a socket does. */
function scriptedFunction(script: UpstreamScript, streams: boolean) {
  const prompts: string[] = []
  const state = { aborted: false, delivered: 0 }
  const broken = () =>
    Object.assign(new Error(`cannot read: ${JSON.stringify(script.parts)}`), { code: 'BROKEN' })

  async function* pieces(signal: AbortSignal) {
    for (const piece of script.parts.flatMap((part) => piecesOf(part, script.chunk ?? every7))) {
      if (signal.aborted) return
      state.delivered++
      yield piece
    }
    if (script.end === 'stall') await new Promise(() => undefined)
    if (script.end === 'error' || script.end === 'early') throw broken()
  }

  function answer(messages: readonly MessageInput[], { signal }: { signal: AbortSignal }) {
    prompts.push(JSON.stringify(messages))
    signal.addEventListener('abort', () => {
      state.aborted = true
    })
    if (streams) return pieces(signal)
    if (script.end === 'error') throw broken()
    if (script.end === 'stall') return new Promise<never>(() => undefined)
    const whole = script.parts.map((part) => (part.kind === 'text' ? part.text : part))
    return whole.every((text) => typeof text === 'string') ? whole.join('') : whole[0]
  }

  const upstream: UpstreamLog = {
    get prompts() {
      return prompts
    },
    get aborted() {
      return state.aborted
    },
    get delivered() {
      return state.delivered
    },
  }
  return { answer: answer as never, upstream }
}

/** What a caller can print of an error. */
function printed(error: unknown): string {
  if (!(error instanceof Error)) return JSON.stringify(error) ?? ''
  return `${error.name}: ${error.message} ${JSON.stringify(error)} ${error.cause === undefined ? '' : printed(error.cause)}`
}

interface Gathered {
  readonly events: readonly FunctionEvent[]
  readonly left?: boolean
  readonly error?: unknown
}

function toAnswer({ events, left = false, error }: Gathered): ContractAnswer {
  const text = events.map((event) => (event.kind === 'text' ? event.text : '')).join('')
  const end = events.find((event) => event.kind !== 'text')
  const filtered = end?.kind === 'blocked' || end?.kind === 'held'
  return {
    text,
    reasoning: '',
    signed: false,
    toolCalls: [],
    toolResults: [],
    media: [],
    sources: [],
    choices: [],
    ending: left ? 'left' : error !== undefined ? 'failed' : filtered ? 'filtered' : 'finished',
    ...(filtered ? { message: end.message } : {}),
    ...(end?.decisionId === undefined ? {} : { decisionId: end.decisionId }),
    ...(end?.kind === 'held' ? { ticket: end.ticket } : {}),
    ...(error === undefined ? {} : { error }),
    visible: `${JSON.stringify(events)} ${error === undefined ? '' : printed(error)}`,
  }
}

function toOptions({ context, grant, structured, signal }: ContractRequest) {
  return {
    ...(context ? { context } : {}),
    ...(grant === undefined ? {} : { grant }),
    ...(structured ? { json: true } : {}),
    ...(signal ? { signal } : {}),
  }
}

/** Drives a guarded function: unstreamed, it is asked of a function that answers whole. */
export const functionDriver: AdapterDriver = {
  name: 'function',
  capabilities: FUNCTION_CAPABILITIES,
  speculation: { effects: 'absent' },
  open({ guard, script }: { guard: Guard; script: UpstreamScript }) {
    const whole = scriptedFunction(script, false)
    const pieces = scriptedFunction(script, true)
    const log = (): UpstreamLog => (whole.upstream.prompts.length > 0 ? whole.upstream : pieces.upstream)
    return {
      upstream: {
        get prompts() {
          return log().prompts
        },
        get aborted() {
          return log().aborted
        },
        get delivered() {
          return log().delivered
        },
      },
      async generate(request) {
        try {
          const { text, ...end } = await guardFunction(guard, whole.answer)(
            request.messages,
            toOptions(request),
          )
          return toAnswer({ events: [{ kind: 'text', text }, end as FunctionEvent] })
        } catch (error) {
          return toAnswer({ events: [], error })
        }
      },
      async stream(request, { onText, leaveAfter } = {}) {
        const events: FunctionEvent[] = []
        let left = false
        try {
          const chat = guardFunction(guard, pieces.answer)
          for await (const event of chat.stream(request.messages, toOptions(request))) {
            events.push(event)
            if (event.kind !== 'text') continue
            onText?.('output', event.text)
            left = leaveAfter !== undefined && events.length >= leaveAfter
            if (left) break
          }
        } catch (error) {
          return toAnswer({ events, error })
        }
        return toAnswer({ events, left })
      },
    }
  },
}
