import type { RequestOptions } from '@modelcontextprotocol/sdk/shared/protocol.js'
import { adapterError } from '../errors/codes.ts'
import type { Piece } from '../tool-call/piece.ts'
import type { McpJudge } from './mcp-judge.ts'

type Options = RequestOptions | undefined

/** A call of the server: what is sent, how, and how its result is read. */
export interface ServerCall<Params, Value> {
  /** What records and `onWithheld` call it: the method, or the tool. */
  readonly name: string
  readonly params: Params
  readonly options: Options
  readonly work: (params: Params, options: Options) => Promise<Value>
  readonly piece: (value: Value) => Piece<Value>
  /** What stands in the place of a call, or a result, that was withheld. */
  readonly neutral: (said: string) => Value
}

/** What a place in a list looks like: one word of numbers, letters and signs of base64 and of tokens. No sentence is one. */
const PLAIN_CURSOR = /^[\w.:~+/=-]{1,1024}$/

/**
 * The place where a list goes on, in a plain form. It goes back to the server as it was given, so that it cannot be edited:
 * another text is refused.
 * @throws PARAPET_ADAPTER_MCP_REFUSED
 */
export function cursor(
  { nextCursor }: { readonly nextCursor?: string | undefined },
  { enforces }: Pick<McpJudge, 'enforces'>,
): { readonly nextCursor?: string } {
  if (nextCursor === undefined) return {}
  if (enforces && !PLAIN_CURSOR.test(nextCursor))
    throw adapterError('PARAPET_ADAPTER_MCP_REFUSED', { what: 'a cursor that is not plain' })
  return { nextCursor }
}

/** A text that a server calls progress would reach the app unjudged: only its numbers do. */
function safeOptions(options: Options, enforces: boolean): Options {
  const { onprogress } = options ?? {}
  if (!enforces || !options || !onprogress) return options
  return {
    ...options,
    onprogress: ({ progress, total }) => onprogress({ progress, ...(total === undefined ? {} : { total }) }),
  }
}

/** Whether an item still answers to what the server calls it. */
function sameNames(before: object, after: object): boolean {
  return ['name', 'uri', 'uriTemplate'].every(
    (key) => (before as Record<string, unknown>)[key] === (after as Record<string, unknown>)[key],
  )
}

/** Calls a server, and judges both ways. */
export function createServerCalls(judge: McpJudge) {
  /** Calls the server; its error is judged like its answer. */
  async function call<Value>(
    name: string,
    options: Options,
    work: () => Promise<Value>,
    neutral: (said: string) => Value,
  ): Promise<{ readonly over: boolean; readonly value: Value }> {
    try {
      return { over: false, value: await work() }
    } catch (error) {
      const outcome = await judge.failed(name, error, options)
      if (outcome.kind === 'released') throw outcome.content
      return { over: true, value: judge.neutral(outcome, neutral) }
    }
  }

  /** Sends judged parameters, and gives the judged result; each of both may be withheld. */
  async function exchange<Params extends object, Value>(of: ServerCall<Params, Value>): Promise<Value> {
    const { name, params, options, neutral } = of
    const asked = await judge.sent(name, params, options)
    if (asked.kind === 'withheld') return judge.neutral(asked, neutral)
    const answer = await call(
      name,
      options,
      () => of.work(asked.content, safeOptions(options, judge.enforces)),
      neutral,
    )
    if (answer.over) return answer.value
    const outcome = await judge.received(name, answer.value, of.piece, options)
    return outcome.kind === 'released' ? outcome.content : judge.neutral(outcome, neutral)
  }

  /** Judges what a server lists, item by item: one that is withheld, or would go by another name, is left out. */
  async function released<Item extends object>(
    name: string,
    items: readonly Item[],
    piece: (item: Item) => Piece<Item>,
    options: Options,
  ): Promise<Item[]> {
    const kept: Item[] = []
    for (const item of items) {
      options?.signal?.throwIfAborted()
      const outcome = await judge.received(name, item, piece, options)
      if (outcome.kind === 'released' && sameNames(item, outcome.content)) kept.push(outcome.content)
    }
    return kept
  }

  /** A list of the server: where it fails, its error is judged. */
  async function listing<Result extends { nextCursor?: string | undefined }>(
    name: string,
    options: Options,
    work: () => Promise<Result>,
  ): Promise<Result> {
    const { over, value } = await call(name, options, work, (said): Result => {
      throw new Error(said)
    })
    if (over) throw new TypeError('A list that failed has thrown.')
    return value
  }

  return { exchange, listing, released }
}
