import { type CachedModel, listModels } from '@parapet/runtime'
import { EXIT } from '../../output/exit-codes.ts'
import { megabytes } from '../../output/megabytes.ts'
import { print } from '../../output/print.ts'
import { table } from '../../output/table.ts'
import { cacheOf, type ModelCall } from './model-call.ts'

const row = ({ repo, variant, revision, commit, licence, bytes }: CachedModel) => [
  repo,
  variant,
  revision === commit ? '' : revision,
  commit.slice(0, 12),
  licence,
  megabytes(bytes),
]

/** The models of the cache. */
export async function list({ values, streams }: ModelCall): Promise<number> {
  const models = await listModels(cacheOf(values))
  if (values.json) await print(streams.stdout, JSON.stringify(models))
  else if (models.length === 0) await print(streams.stdout, 'The cache holds no model.')
  else {
    const header = ['model', 'dtype', 'revision', 'commit', 'licence', 'MB']
    await print(streams.stdout, table(header, models.map(row)))
  }
  return EXIT.ok
}
