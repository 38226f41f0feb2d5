import type { InferenceClient } from '@huggingface/inference'
import { guardHuggingFace } from '@parapet/adapters/huggingface'
import type { Ending, OpenTarget, Target } from '../kit/target.ts'
import { version } from '../version.ts'
import { chatBody, deltasIn } from './call-chat.ts'
import { receiveDelta } from './http.ts'
import { KIT_GUARD_HOW, kitGuard } from './kit-guard.ts'
import { loadHuggingFace } from './load-hugging-face.ts'

type ChatCompletionInput = Parameters<InferenceClient['chatCompletion']>[0]

const endingOf = (finish: string | undefined): Ending => ({
  kind: finish === 'content_filter' ? 'stopped' : 'finished',
})

/** The chats of a guarded client. */
export const huggingFace: Target = {
  name: 'parapet/huggingface',
  version,
  how: `${KIT_GUARD_HOW}; guardHuggingFace around a client of @huggingface/inference, asked by chatCompletion and chatCompletionStream (docs/adapters/huggingface.md)`,
  async open({ upstreamUrl, ...setup }): Promise<OpenTarget> {
    const { InferenceClient: Client } = await loadHuggingFace()
    const guard = kitGuard(setup)
    const client = guardHuggingFace(new Client('hf_kit', { endpointUrl: upstreamUrl }), guard)
    return {
      async generate(request, receive) {
        const body = chatBody(request, false) as ChatCompletionInput
        const answer = await client.chatCompletion(body, { signal: request.signal })
        const deltas = deltasIn(JSON.stringify(answer))
        for (const delta of deltas) receiveDelta(delta, receive)
        return endingOf(deltas[0]?.finish)
      },
      async stream(request, receive) {
        const body = chatBody(request, true) as ChatCompletionInput
        let finish: string | undefined
        for await (const chunk of client.chatCompletionStream(body, { signal: request.signal }))
          for (const delta of deltasIn(JSON.stringify(chunk))) {
            receiveDelta(delta, receive)
            finish ??= delta.finish
          }
        return endingOf(finish)
      },
      close: () => guard.close(),
    }
  },
}
