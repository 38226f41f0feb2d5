import { replayRecords } from '@parapet/sdk'
import type { Streams } from '../../command.ts'
import { EXIT } from '../../output/exit-codes.ts'
import { print } from '../../output/print.ts'
import { fields, table } from '../../output/table.ts'
import { readPolicy } from '../../read-policy.ts'

const differs = ({ edits, duties }: { readonly edits: boolean; readonly duties: boolean }): string =>
  [edits ? 'edits' : '', duties ? 'duties' : ''].filter((part) => part !== '').join(', ')

/** Says what another policy would have decided, by transition and by decision. */
export async function replay(
  files: readonly string[],
  policyPath: string,
  json: boolean,
  { stdout }: Streams,
): Promise<number> {
  const { document } = await readPolicy(policyPath)
  const result = await replayRecords(files, document)
  // Under the policy that made them, records give every judgement again: one that does not is a fault.
  const status = result.diverged.length === 0 ? EXIT.ok : EXIT.failed
  if (json) {
    await print(stdout, JSON.stringify(result))
    return status
  }
  const blocks = [
    fields([
      ['decisions', result.decisions],
      ['unchanged', result.unchanged],
      ['changed', result.changedCount],
      ['unanswerable', result.unanswerableCount],
      ['diverged', result.diverged.length],
      ['unreadable lines', result.unreadable],
    ]),
  ]
  if (result.transitions.length > 0) {
    const rows = result.transitions.map(({ from, to, count }) => [from, to, count])
    blocks.push(table(['from', 'to', 'decisions'], rows))
  }
  if (result.changed.length > 0) {
    const rows = result.changed.map((change) => [change.id, change.from, change.to, differs(change)])
    blocks.push(table(['changed', 'from', 'to', 'also'], rows))
  }
  const unknowns = Object.entries(result.unknowns)
  if (unknowns.length > 0) blocks.push(table(['not in the records', 'decisions'], unknowns))
  if (result.diverged.length > 0)
    blocks.push(
      table(
        ['diverged'],
        result.diverged.map((id) => [id]),
      ),
    )
  await print(stdout, blocks.join('\n\n'))
  return status
}
