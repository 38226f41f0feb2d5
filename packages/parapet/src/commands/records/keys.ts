import { forgetFileKey, type RecordKeys, rotateKeyFile } from '@parapet/sdk'
import type { Streams } from '../../command.ts'
import { EXIT } from '../../output/exit-codes.ts'
import { print } from '../../output/print.ts'
import { fields } from '../../output/table.ts'

/** The ids alone: a key never leaves its file. */
async function printIds(
  { current, previous }: RecordKeys,
  json: boolean,
  { stdout }: Streams,
): Promise<number> {
  const earlier = previous.map(({ id }) => id)
  await print(
    stdout,
    json
      ? JSON.stringify({ current: current.id, previous: earlier })
      : fields([
          ['current key', current.id],
          ['earlier keys', earlier.join(', ') || 'none'],
        ]),
  )
  return EXIT.ok
}

/** Makes a new current key. Processes use it from their next start. */
export function rotateKey(path: string, json: boolean, streams: Streams): Promise<number> {
  return printIds(rotateKeyFile(path), json, streams)
}

/** Removes an earlier key for good. */
export function forgetKey(path: string, id: string, json: boolean, streams: Streams): Promise<number> {
  return printIds(forgetFileKey(path, id), json, streams)
}
