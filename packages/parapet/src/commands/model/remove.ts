import { listModels, parseModelReference, removeModels, removeUnfinished } from '@parapet/runtime'
import { usage } from '../../command.ts'
import { counted } from '../../output/counted.ts'
import { EXIT } from '../../output/exit-codes.ts'
import { print } from '../../output/print.ts'
import { matchingModels } from './matching-models.ts'
import { cacheOf, type ModelCall } from './model-call.ts'

/** Removes models, or what broken-off downloads left. */
export async function remove({ reference, values, streams }: ModelCall): Promise<number> {
  const cache = cacheOf(values)
  if (values.unfinished) {
    const wanted = reference === undefined ? undefined : parseModelReference(reference)
    await removeUnfinished(cache, wanted?.kind === 'hub' ? wanted.repo : undefined)
    await print(streams.stdout, values.json ? '[]' : 'What was unfinished is gone.')
    return EXIT.ok
  }
  if (reference === undefined) throw usage('model', 'remove takes a model: hf:owner/name.')
  const models = matchingModels(await listModels(cache), reference)
  await removeModels(models)
  const told = values.json ? JSON.stringify(models) : `${counted(models.length, 'model')} removed.`
  await print(streams.stdout, told)
  return models.length === 0 ? EXIT.failed : EXIT.ok
}
