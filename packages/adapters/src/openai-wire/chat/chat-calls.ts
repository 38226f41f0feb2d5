import { judgedName } from '../judged-name.ts'
import type { ChoiceSetup } from './choice-setup.ts'

/** A tool call while its pieces come in. */
export interface PendingCall {
  /** Its place among the calls; -1 for the one `function_call` of old. */
  readonly index: number
  id: string | undefined
  type: 'function' | 'custom'
  name: string
  text: string
}

/** Judges calls whole: arguments by their decoded leaves, free input as one leaf, names that were not offered too. */
export async function judgeCalls(
  calls: readonly PendingCall[],
  choice: number,
  { parts, writer, toolNames, idOf }: ChoiceSetup,
): Promise<void> {
  const group = `choice ${choice}`
  for (const call of calls) {
    const { type, index } = call
    const released = await judgedName(call.name, 'toolCall', { parts, group, offered: toolNames })
    const id = index < 0 ? undefined : idOf(call.id ?? `call-${index}`)
    const text = type === 'custom' ? JSON.stringify(call.text) : call.text
    await parts.whole(
      {
        stage: 'toolCall',
        toolName: call.name,
        text,
        json: true,
        origin: { kind: 'call', choice, type, ...(id === undefined ? {} : { id }) },
      },
      {
        group,
        take: (judged) =>
          writer.call(choice, {
            id,
            type,
            name: released(),
            text: type === 'custom' ? String(JSON.parse(judged)) : judged,
          }),
      },
    )
  }
}
