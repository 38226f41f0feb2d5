import { blockOf, resolveModel } from '@parapet/runtime'
import { directionOption } from './direction-option.ts'
import { openDirection, openDirectionAt } from './open-direction.ts'

/** A model's refusal direction, as it is added to its residual stream. */
export interface RefusalVector {
  /** float32[hidden], not normalised: mean over harmful requests − mean over harmless ones. */
  readonly vector: Float32Array
  /** The block at whose input it was read and is added, counted from 0. */
  readonly block: number
}

/** Where the direction lies. */
export interface RefusalVectorOptions {
  /** Path of a direction file, as `parapet fit` writes it. @default `direction.safetensors` beside the weights */
  readonly direction?: string
}

/**
 * The refusal direction of a chat model, checked against the model:
 * `localModel({ model, direction: () => refusalVector(model) })`. After Arditi et al. 2024, arXiv 2406.11717.
 * @param model a weights package, a folder (an absolute path, a `file:` URL, or a path that begins with a dot), or
 *   `hf:owner/name@revision#dtype`
 * @throws PARAPET_DETECTOR_OPTION_INVALID, PARAPET_DETECTOR_DIRECTION_…, PARAPET_MODEL_…, PARAPET_HUB_…
 */
export async function refusalVector(
  model: string,
  options: RefusalVectorOptions = {},
): Promise<RefusalVector> {
  const path = directionOption('refusalVector', options.direction)
  const folder = await resolveModel(model, {}, 'decoder')
  const { metadata, direction } =
    path === undefined ? await openDirection(folder) : (await openDirectionAt(path, folder)).file
  return { vector: direction, block: blockOf(metadata.direction.site) ?? 0 }
}
