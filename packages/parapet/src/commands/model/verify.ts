import { listModels, verifyModel } from '@parapet/runtime'
import { EXIT } from '../../output/exit-codes.ts'
import { print } from '../../output/print.ts'
import { table } from '../../output/table.ts'
import { matchingModels } from './matching-models.ts'
import { cacheOf, type ModelCall } from './model-call.ts'

/** Reads models of the cache again and compares them with their records. */
export async function verify({ reference, values, streams }: ModelCall): Promise<number> {
  const all = await listModels(cacheOf(values))
  const models = reference === undefined ? all : matchingModels(all, reference)
  const checked = []
  for (const { repo, commit, variant, directory } of models) {
    for (const { file, state } of await verifyModel(directory)) {
      checked.push({ repo, commit, variant, file, state })
    }
  }
  if (values.json) await print(streams.stdout, JSON.stringify(checked))
  else if (checked.length === 0) await print(streams.stdout, 'The cache holds no such model.')
  else {
    const rows = checked.map(({ repo, commit, variant, file, state }) => {
      return [repo, variant, commit.slice(0, 12), file, state]
    })
    await print(streams.stdout, table(['model', 'dtype', 'commit', 'file', 'state'], rows))
  }
  const missed = reference !== undefined && models.length === 0
  return missed || checked.some(({ state }) => state !== 'right') ? EXIT.failed : EXIT.ok
}
