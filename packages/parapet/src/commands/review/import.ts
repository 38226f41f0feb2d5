import { isParapetError } from '@parapet/sdk'
import { usage } from '../../command.ts'
import { EXIT } from '../../output/exit-codes.ts'
import { fields, table } from '../../output/table.ts'
import { answer, type Verb } from './call.ts'
import { formatOf } from './format.ts'
import { rowImporter } from './import-row.ts'
import { readRows } from './read-rows.ts'

/** The most refused rows that are named; all are counted. */
const MOST_NAMED = 1_000

/**
 * Takes decisions and items from a file, row by row. A row that does not hold is refused, and says why; the others are taken.
 * A row that was taken before changes nothing; one that nobody decided is counted and passed over.
 */
export const importItems: Verb = async (call) => {
  const { id: path, streams } = call
  if (path === undefined) throw usage('review', 'import takes a file, or - for standard input.')
  const refused: { line: number; problem: string }[] = []
  const importRow = rowImporter(call)
  const counts = { decisions: 0, items: 0, stricter: 0, undecided: 0, refused: 0 }
  for await (const { line, row } of readRows(path, formatOf(call, path), streams.stdin)) {
    try {
      const taken = await importRow(row)
      counts[taken] += 1
      if (taken === 'stricter') counts.items += 1
    } catch (error) {
      if (!isParapetError(error)) throw error
      counts.refused += 1
      if (refused.length < MOST_NAMED) refused.push({ line, problem: `${error.code}: ${error.message}` })
    }
  }
  await answer(call, { ...counts, rows: refused }, () =>
    [
      fields(Object.entries(counts)),
      ...(refused.length === 0
        ? []
        : [
            table(
              ['line', 'refused because'],
              refused.map(({ line, problem }) => [line, problem]),
            ),
          ]),
    ].join('\n\n'),
  )
  return counts.refused === 0 ? EXIT.ok : EXIT.failed
}
