import { guardFunction } from '@parapet/adapters/function'
import type { CallRequest, Ending, OpenTarget, Target } from '../kit/target.ts'
import { version } from '../version.ts'
import { callChat, chatBody } from './call-chat.ts'
import { messagesOf } from './guard-messages.ts'
import { KIT_GUARD_HOW, kitGuard } from './kit-guard.ts'

const TEXT_ALONE = 'It hands on the text of one answer alone: there is nothing else to leak.'

const endingOf = (kind: 'released' | 'blocked' | 'held'): Ending => ({
  kind: kind === 'released' ? 'finished' : 'stopped',
})

/** A function that asks the provider for text, as the recipe of the adapter does. The rest of an answer it leaves out. */
export const functionTarget: Target = {
  name: 'parapet/function',
  version,
  how: `${KIT_GUARD_HOW}; guardFunction around a function that asks the provider and gives the text of its first choice (docs/adapters/function.md)`,
  notApplicable: { 'reasoning-leak': TEXT_ALONE, 'tool-call-leak': TEXT_ALONE, 'choice-leak': TEXT_ALONE },
  async open({ upstreamUrl, ...setup }): Promise<OpenTarget> {
    const guard = kitGuard(setup)
    const guarded = (request: CallRequest, stream: boolean) =>
      guardFunction(guard, async function* (_messages, { signal }) {
        // This guard edits nothing: the messages say what the request says.
        for await (const { choice, text } of callChat(upstreamUrl, chatBody(request, stream), { signal }))
          if (choice === 0 && text !== undefined) yield text
      })
    const options = ({ json = false, signal }: CallRequest) => ({ json, signal })
    return {
      async generate(request, receive) {
        const answer = await guarded(request, false)(messagesOf(request), options(request))
        receive({ kind: 'text', text: answer.text })
        if (answer.kind !== 'released') receive({ kind: 'message', text: answer.message })
        return endingOf(answer.kind)
      },
      async stream(request, receive) {
        let ending: Ending = { kind: 'failed', error: new Error('the stream had no end') }
        for await (const event of guarded(request, true).stream(messagesOf(request), options(request)))
          if (event.kind === 'text') receive({ kind: 'text', text: event.text })
          else {
            if (event.kind !== 'released') receive({ kind: 'message', text: event.message })
            ending = endingOf(event.kind)
          }
        return ending
      },
      close: () => guard.close(),
    }
  },
}
