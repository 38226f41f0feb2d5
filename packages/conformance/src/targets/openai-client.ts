import { guardOpenAI } from '@parapet/adapters/openai'
import type OpenAI from 'openai'
import type { CallRequest, Ending, OpenTarget, Piece, Target } from '../kit/target.ts'
import { version } from '../version.ts'
import { KIT_GUARD_HOW, kitGuard } from './kit-guard.ts'
import { loadOpenAi } from './load-openai.ts'

/** Asks one of the client's surfaces, streamed or not. */
export type AskClient = (
  client: OpenAI,
  request: CallRequest,
  stream: boolean,
  receive: (piece: Piece) => void,
) => Promise<Ending>

/** A target around the guarded client of OpenAI. */
export function openAiClientTarget({
  name,
  how,
  ask,
}: {
  name: string
  how: string
  ask: AskClient
}): Target {
  return {
    name,
    version,
    how: `${KIT_GUARD_HOW}; guardOpenAI around a client of openai, ${how} (docs/adapters/openai.md)`,
    async open({ upstreamUrl, ...setup }): Promise<OpenTarget> {
      const { OpenAI } = await loadOpenAi()
      const guard = kitGuard(setup)
      const client = guardOpenAI(new OpenAI({ baseURL: upstreamUrl, apiKey: 'kit', maxRetries: 0 }), guard)
      return {
        generate: (request, receive) => ask(client, request, false, receive),
        stream: (request, receive) => ask(client, request, true, receive),
        close: () => guard.close(),
      }
    },
  }
}
