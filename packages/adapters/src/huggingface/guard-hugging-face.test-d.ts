import { InferenceClient } from '@huggingface/inference'
import type { Guard, Resumed } from '@parapet/sdk'
import { guardHuggingFace, type ParapetCallOptions, resumeAnswer } from './index.ts'

declare const guard: Guard
declare const resumed: Resumed

/** A client with something of its own keeps its type. */
class OwnClient extends InferenceClient {
  readonly own = 1
}

const client: OwnClient = guardHuggingFace(new OwnClient('hf_key'), guard, { maxAnswerBytes: 1_000 })
void client.own
const parapet = { tenant: 'acme', grant: 'g' } satisfies ParapetCallOptions
void client.chatCompletion({ messages: [], parapet }).then(({ choices }) => choices[0]?.message.content)
void client.endpoint('https://models.test').textGenerationStream({ inputs: 'Hi.', parapet })

// @ts-expect-error an option that does not exist
guardHuggingFace(client, guard, { raw: 'drop' })
// @ts-expect-error a mistyped key
void ({ tenat: 'acme' } satisfies ParapetCallOptions)

if (resumed.kind === 'answer') void resumeAnswer(resumed).message
// @ts-expect-error what is pending has no answer yet
resumeAnswer(resumed)
