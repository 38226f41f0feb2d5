import { isAbsolute } from 'node:path'
import { blockOf, openModelFolder, resolveModelPackage } from '@parapet/runtime'
import { openDirection } from './open-direction.ts'

/** A model's refusal direction, as it is added to its residual stream. */
export interface RefusalVector {
  /** float32[hidden], not normalised: mean over harmful requests − mean over harmless ones. */
  readonly vector: Float32Array
  /** The block at whose input it was read and is added, counted from 0. */
  readonly block: number
}

/**
 * The refusal direction that lies beside a chat model's weights (`direction.safetensors`), checked against the model:
 * `localModel({ model, direction: () => refusalVector(model) })`. After Arditi et al. 2024, arXiv 2406.11717.
 * @param model a weights package, or its folder: an absolute path, or one that begins with `.`
 * @throws PARAPET_DETECTOR_DIRECTION_INVALID, PARAPET_DETECTOR_DIRECTION_MISMATCH, PARAPET_MODEL_…
 */
export async function refusalVector(model: string): Promise<RefusalVector> {
  const directory = isAbsolute(model) || model.startsWith('.') ? model : resolveModelPackage(model)
  const { metadata, direction } = await openDirection(await openModelFolder(directory, 'decoder'))
  return { vector: direction, block: blockOf(metadata.direction.site) ?? 0 }
}
