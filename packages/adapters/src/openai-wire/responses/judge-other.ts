import { knownMediaType, matching, NAME } from '../../answer/known-forms.ts'
import { entryOf, type Json, textOf } from '../json-value.ts'
import { type JudgedMembers, judgedMembers } from '../judged-json.ts'
import { ITEM_MEMBERS } from './item-members.ts'
import type { ItemSetup } from './item-setup.ts'

const plain = (value: unknown): unknown =>
  typeof value === 'number' || typeof value === 'boolean' ? value : matching(NAME, value)

const mediaTypeOf = (item: Json): string =>
  item['type'] === 'image_generation_call'
    ? knownMediaType(`image/${textOf(item['output_format']) ?? 'png'}`)
    : 'application/octet-stream'

/** The ids and states that an item is known by. */
function namesOf(item: Json, names: readonly string[]): Json {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = plain(item[name])
      return value === undefined ? [] : [[name, value]]
    }),
  )
}

/** Judges an item of a tool that the provider ran: what it was called with, what it gave, and what nothing here can read. */
export async function judgeOther(
  key: string,
  base: Json,
  item: Json,
  { parts, writer }: ItemSetup,
): Promise<void> {
  const type = String(base['type'])
  const { call = [], result = [], media, names = [], empty = {} } = entryOf(ITEM_MEMBERS, type) ?? {}
  const built: Json = { ...base, ...empty, ...namesOf(item, names) }

  const judge = async (stage: 'toolCall' | 'toolResult', members: JudgedMembers | undefined) => {
    if (!members) return
    const origin = { kind: 'members', names: [...members.names], nested: [...members.nested] }
    await parts.whole(
      { stage, toolName: type, text: members.text, json: true, origin },
      { group: key, take: (released) => void Object.assign(built, members.restore(released)) },
    )
  }
  await judge('toolCall', judgedMembers(item, call))
  await judge('toolResult', judgedMembers(item, result))
  const bytes = media === undefined ? undefined : item[media]
  if (media !== undefined && bytes !== undefined && bytes !== null)
    await parts.whole(
      { stage: 'output', media: mediaTypeOf(item), origin: { kind: 'media' } },
      {
        group: key,
        take: () => {
          built[media] = bytes
        },
      },
    )
  // An empty part closes the item: what stands before it has been released when it is.
  const origin = {
    kind: 'item',
    ...namesOf(item, names),
    ...namesOf(base, ['id', 'type', 'status']),
  } as never
  await parts.whole(
    { stage: 'output', text: '', origin },
    { group: key, take: () => writer.whole(key, built) },
  )
}
