import { type CachedModel, parseModelReference } from '@parapet/runtime'
import { usage } from '../../command.ts'

/** The models of the cache that a reference names; what it leaves out may be anything. @throws PARAPET_CLI_USAGE */
export function matchingModels(models: readonly CachedModel[], reference: string): CachedModel[] {
  const wanted = parseModelReference(reference)
  if (wanted.kind !== 'hub') throw usage('model', 'The cache holds models of hubs: give hf:owner/name.')
  const { repo, revision, dtype } = wanted
  return models.filter(
    (model) =>
      model.repo === repo &&
      (revision === undefined || model.revision === revision || model.commit === revision) &&
      (dtype === undefined || model.variant === dtype),
  )
}
