import type OpenAI from 'openai'
import { chatBody, deltasIn } from './call-chat.ts'
import { receiveDelta } from './http.ts'
import { openAiClientTarget } from './openai-client.ts'

/** The chat completions of a guarded client. */
export const openAi = openAiClientTarget({
  name: 'parapet/openai',
  how: 'asked by chat.completions.create',
  async ask(client, request, stream, receive) {
    const body = chatBody(request, stream) as OpenAI.ChatCompletionCreateParams
    const answer = await client.chat.completions.create(body, { signal: request.signal })
    let finish: string | undefined
    const take = (event: object) => {
      for (const delta of deltasIn(JSON.stringify(event))) {
        receiveDelta(delta, receive)
        finish ??= delta.finish
      }
    }
    if ('choices' in answer) take(answer)
    else for await (const chunk of answer) take(chunk)
    return { kind: finish === 'content_filter' ? 'stopped' : 'finished' }
  },
})
