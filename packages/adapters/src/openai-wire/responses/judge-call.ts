import { defined, matching, NAME } from '../../answer/known-forms.ts'
import { adapterError } from '../../errors/codes.ts'
import { type Json, textOf } from '../json-value.ts'
import { judgedName } from '../judged-name.ts'
import type { ItemSetup } from './item-setup.ts'

/** Judges a call of one of the app's own tools: its arguments by their decoded leaves, free input as one leaf. */
export async function judgeCall(
  key: string,
  base: Json,
  item: Json,
  { parts, writer, toolNames, idOf }: ItemSetup,
): Promise<void> {
  const custom = item['type'] === 'custom_tool_call'
  const given = textOf(item[custom ? 'input' : 'arguments'])
  const name = textOf(item['name'])
  if (given === undefined || name === undefined)
    throw adapterError('PARAPET_ADAPTER_ANSWER_MALFORMED', {
      issue: 'a tool call has no name or no arguments',
    })
  const released = await judgedName(name, 'toolCall', { parts, group: key, offered: toolNames })
  const callId = idOf(item['call_id'])
  const members = defined({ namespace: matching(NAME, item['namespace']) })
  const text = custom ? JSON.stringify(given) : given
  const origin = { kind: 'call', type: custom ? 'custom' : 'function', id: callId }
  await parts.whole(
    { stage: 'toolCall', toolName: name, text, json: true, origin },
    {
      group: key,
      take: (judged) =>
        writer.call(key, {
          item: { ...base, call_id: callId, name: released(), ...members },
          member: custom ? 'input' : 'arguments',
          text: custom ? String(JSON.parse(judged)) : judged,
        }),
    },
  )
}
