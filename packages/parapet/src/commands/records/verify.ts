import { verifyRecords } from '@parapet/sdk'
import type { Streams } from '../../command.ts'
import { counted } from '../../output/counted.ts'
import { EXIT } from '../../output/exit-codes.ts'
import { print } from '../../output/print.ts'
import { fields, table } from '../../output/table.ts'
import { readHeads } from '../../read-heads.ts'
import { readRecordKeys } from '../../record-keys.ts'

interface VerifyValues {
  readonly json: boolean
  readonly heads?: string | undefined
  readonly 'key-file'?: string | undefined
}

/** Checks chains, and seals and ends where there is something to check them with. */
export async function verify(
  files: readonly string[],
  { json, heads: headsPath, 'key-file': keyFile }: VerifyValues,
  { stdout }: Streams,
): Promise<number> {
  const keys = readRecordKeys(keyFile)
  const heads = headsPath === undefined ? undefined : await readHeads(headsPath)
  const result = await verifyRecords(files, { ...(heads ? { heads } : {}), ...(keys ? { keys } : {}) })
  const status = result.ok ? EXIT.ok : EXIT.failed
  if (json) {
    await print(stdout, JSON.stringify(result))
    return status
  }
  const seals =
    result.unchecked === undefined ? 'not checked: no key was given' : `${result.unchecked} of keys not given`
  await print(
    stdout,
    fields([
      ['records', result.records],
      ['lines', result.lines],
      ['chains', `${result.heads.length}, ${result.ok ? 'whole' : 'broken'}`],
      [
        'ends',
        heads ? `checked against ${counted(heads.length, 'head')}` : 'not checked: no heads were given',
      ],
      ['seals', result.unchecked === 0 ? 'checked' : seals],
      ['broken places', result.complete ? result.broken : `${result.broken}, then reading stopped`],
      ['torn lines', `${result.torn} accounted for`],
    ]),
  )
  if (result.breaks.length === 0) return status
  const rows = result.breaks.map(({ kind, file, line, writer, sequence, detail }) => [
    kind,
    `${file}:${line}`,
    writer ?? '',
    sequence ?? '',
    detail,
  ])
  await print(stdout, `\n${table(['break', 'place', 'writer', 'sequence', 'what was seen'], rows)}`)
  return status
}
