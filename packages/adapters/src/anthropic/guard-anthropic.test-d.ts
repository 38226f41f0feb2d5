import Anthropic from '@anthropic-ai/sdk'
import type { Guard, Resumed } from '@parapet/sdk'
import { decisionOf, guardAnthropic, parapet, resumeAnswer } from './index.ts'

declare const guard: Guard
declare const resumed: Resumed

/** A client with something of its own keeps its type. */
class OwnClient extends Anthropic {
  readonly own = 1
}

const client: OwnClient = guardAnthropic(new OwnClient(), guard, { maxAnswerBytes: 1_000 })
void client.own
const message = client.messages.create(
  { model: 'm', max_tokens: 1, messages: [] },
  parapet({ tenant: 'acme' }),
)
void message.then((value) => decisionOf(value)?.ticket)
void message.withResponse()
void client.messages.stream(
  { model: 'm', max_tokens: 1, messages: [] },
  { ...parapet({ grant: 'g' }), timeout: 1 },
)

// @ts-expect-error an option that does not exist
guardAnthropic(client, guard, { raw: 'drop' })
// @ts-expect-error a mistyped key
parapet({ tenat: 'acme' })

if (resumed.kind === 'answer') void resumeAnswer(resumed).content
// @ts-expect-error what is pending has no answer yet
resumeAnswer(resumed)
