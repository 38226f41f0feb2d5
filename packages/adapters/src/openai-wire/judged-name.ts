import type { Parts } from './parts.ts'

/**
 * The name of a tool that was not offered is made up by the model: it is judged like what it is called with. Returns the
 * name as it was released, to be asked for once what it names is.
 */
export async function judgedName(
  name: string,
  stage: 'toolCall' | 'toolResult',
  {
    parts,
    group,
    offered,
  }: {
    readonly parts: Parts
    readonly group: string
    readonly offered: ReadonlySet<string>
  },
): Promise<() => string> {
  if (offered.has(name)) return () => name
  let released = ''
  await parts.whole(
    { stage, toolName: name, text: JSON.stringify(name), json: true, origin: { kind: 'tool-name' } },
    {
      group,
      take: (text) => {
        released = String(JSON.parse(text))
      },
    },
  )
  return () => released
}
