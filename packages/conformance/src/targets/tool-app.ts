import { isParapetError } from '@parapet/sdk'
import type { CallRequest, Ending, OpenTarget, Piece, Target, TargetSetup } from '../kit/target.ts'
import { ROWS } from '../rows/index.ts'
import { version } from '../version.ts'
import { callChat, chatBody } from './call-chat.ts'
import { KIT_GUARD_HOW } from './kit-guard.ts'

/** The guarded tool `note`: gives what its app may read of its result. */
export interface NoteTool {
  call(input: unknown): Promise<string>
  close(): Promise<void>
}

/** What the tool does when it is let run: it sees its arguments, and gives a result. */
export type RunNote = (input: unknown) => string

const ASKED: readonly string[] = ['tool-call-leak', 'tool-result-leak']
const APART = 'It judges tools alone: an answer of the model, and a prompt, is for the adapter of its client.'

/** The rows that ask of tools are put to a target of this kind, and no other. */
const notApplicable = Object.fromEntries(
  ROWS.filter(({ name }) => !ASKED.includes(name)).map(({ name }) => [name, APART]),
)

const isWithheld = (error: unknown): boolean =>
  isParapetError(error) && error.code === 'PARAPET_ADAPTER_TOOL_WITHHELD'

/**
 * An app of whose tools alone are guarded: it runs the tool `note`, asks the provider with what it may read of the
 * result, and runs it again where the answer calls it. What reaches the tool is what reached the caller.
 */
export function toolApp({
  name,
  how,
  open,
}: {
  readonly name: string
  readonly how: string
  open(setup: Omit<TargetSetup, 'upstreamUrl'>, run: RunNote): Promise<NoteTool>
}): Target {
  return {
    name,
    version,
    how: `${KIT_GUARD_HOW}; ${how}; an app runs the tool, asks the provider with its result, and runs the tool that the answer calls`,
    notApplicable,
    async open({ upstreamUrl, ...setup }): Promise<OpenTarget> {
      let run: RunNote = () => ''
      const note = await open(setup, (input) => run(input))

      async function ask(request: CallRequest, stream: boolean, receive: (piece: Piece) => void) {
        const { toolResult = 'Noted.', signal } = request
        run = () => toolResult
        const read = await note.call({ text: 'x' })
        run = (input) => {
          receive({ kind: 'toolCall', text: JSON.stringify(input) })
          return 'Noted.'
        }
        let called = ''
        const body = chatBody({ ...request, toolResult: read }, stream)
        for await (const { text, toolCall } of callChat(upstreamUrl, body, { signal })) {
          if (text !== undefined) receive({ kind: 'text', text })
          called += toolCall ?? ''
        }
        if (called !== '') await note.call(JSON.parse(called))
      }

      async function ending(asking: Promise<void>): Promise<Ending> {
        try {
          await asking
          return { kind: 'finished' }
        } catch (error) {
          return isWithheld(error) ? { kind: 'stopped' } : { kind: 'failed', error }
        }
      }

      return {
        generate: (request, receive) => ending(ask(request, false, receive)),
        stream: (request, receive) => ending(ask(request, true, receive)),
        close: () => note.close(),
      }
    },
  }
}
