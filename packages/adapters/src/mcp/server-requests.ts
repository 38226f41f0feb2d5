import type {
  CreateMessageRequestParams,
  ElicitRequestParams,
  ElicitResult,
} from '@modelcontextprotocol/sdk/types.js'
import { fixed, json, list, members, type Piece, text } from '../tool-call/piece.ts'
import { samplingMessagePiece } from './content-pieces.ts'
import { toolPiece } from './listing-pieces.ts'
import type { McpJudge } from './mcp-judge.ts'

/** A request of the server, by its shape: the client has checked it. */
export interface ServerRequest {
  readonly method: string
  readonly params?: unknown
}

export type ServerRequestHandler = (
  request: ServerRequest,
  extra: { readonly signal?: AbortSignal },
) => unknown

const optional = <Value>(
  value: Value | undefined,
  piece: (value: Value) => Piece<Value>,
): Piece<Value> | undefined => (value === undefined ? undefined : piece(value))

/** What a server asks a model with. `metadata` is left out: it may hold anything. */
function samplingPiece(params: CreateMessageRequestParams): Piece<CreateMessageRequestParams> {
  const { temperature, maxTokens, includeContext, toolChoice } = params
  return members({
    messages: list(params.messages.map(samplingMessagePiece)),
    systemPrompt: optional(params.systemPrompt, text),
    modelPreferences: optional(params.modelPreferences, json),
    stopSequences: optional(params.stopSequences, json),
    tools: optional(params.tools, (tools) => list(tools.map(toolPiece))),
    temperature: optional(temperature, fixed),
    maxTokens: fixed(maxTokens),
    includeContext: optional(includeContext, fixed),
    toolChoice: optional(toolChoice, json),
  }) as unknown as Piece<CreateMessageRequestParams>
}

/** What a server asks a person. */
function elicitationPiece(params: ElicitRequestParams): Piece<ElicitRequestParams> {
  if (params.mode === 'url') {
    const { mode, message, url, elicitationId } = params
    return members({
      mode: fixed(mode),
      message: text(message),
      url: text(url),
      elicitationId: text(elicitationId),
    }) as unknown as Piece<ElicitRequestParams>
  }
  return members({
    mode: optional(params.mode, fixed),
    message: text(params.message),
    requestedSchema: json(params.requestedSchema),
  }) as unknown as Piece<ElicitRequestParams>
}

/** An answer to the server in the protocol's own form: it learns that it was refused, and nothing else. */
const refusal = (code: number): Error => Object.assign(new Error('The request was refused.'), { code })
const REFUSED = -1
const METHOD_NOT_FOUND = -32_601

/**
 * What the app does for a server, between two judgements: what the server asks is judged before the app reads it, and
 * what the app answers before the server does. Requests of a kind that cannot be judged are refused.
 */
export function judgedHandler(handler: ServerRequestHandler, judge: McpJudge): ServerRequestHandler {
  async function asked<Params>(
    request: ServerRequest,
    extra: { readonly signal?: AbortSignal },
    piece: (params: Params) => Piece<Params>,
  ): Promise<unknown> {
    const params = request.params as Params & { readonly task?: unknown }
    // A task answers later, past any judgement.
    if (params.task !== undefined && judge.enforces) throw refusal(REFUSED)
    const outcome = await judge.received(request.method, params as Params, piece, extra)
    if (outcome.kind === 'withheld') throw refusal(REFUSED)
    return handler({ ...request, params: outcome.content }, extra)
  }

  async function answered<Answer>(
    name: string,
    answer: Answer,
    extra: { signal?: AbortSignal },
  ): Promise<Answer> {
    const outcome = await judge.sent(name, answer, extra)
    if (outcome.kind === 'withheld') throw refusal(REFUSED)
    return outcome.content
  }

  return async (request, extra) => {
    switch (request.method) {
      case 'sampling/createMessage':
        return answered(request.method, await asked(request, extra, samplingPiece), extra)
      case 'elicitation/create': {
        const result = (await asked(request, extra, elicitationPiece)) as ElicitResult
        if (result.content === undefined) return result
        return { ...result, content: await answered(request.method, result.content, extra) }
      }
      case 'roots/list':
      case 'ping':
        return handler(request, extra)
      default:
        if (judge.enforces) throw refusal(METHOD_NOT_FOUND)
        return handler(request, extra)
    }
  }
}
