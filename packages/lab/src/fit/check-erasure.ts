import { type DecoderModel, type ReadSite, residPre } from '@parapet/runtime'
import { labError } from '../errors/codes.ts'
import { dot, unit } from './vector.ts'

/** What was found when a direction was erased. */
export interface ErasureCheck {
  /** Blocks whose input was read, at the last token. */
  readonly blocks: number
  /** The largest |r̂ᵀx| / ‖x‖ among them, the direction erased. */
  readonly mostLeft: number
}

/** Of the stream's length: rounding in float32 leaves about 1e-7, a missed edit leaves a share that can be seen. */
const MOST_LEFT = 1e-4

/**
 * Erases a direction while a model reads a probe, and looks for what is left of it at the input of every block.
 * @param direction float32[hidden], of any length above 0
 * @throws `PARAPET_LAB_NOT_ERASED`, and what the model throws for a graph that it cannot change
 */
export async function checkErasure(model: DecoderModel, direction: Float32Array): Promise<ErasureCheck> {
  const { id, layers } = model.manifest
  const axis = unit(direction)
  const sites = Array.from(
    { length: layers },
    (_, block): ReadSite => ({ site: residPre(block), position: 'last' }),
  )
  const messages = [{ role: 'user', content: 'Name a colour.' }]
  const reading = await model.read({ messages, sites, intervention: { erase: { direction: axis } } })
  const rows = reading.kind === 'read' ? reading.rows : []
  const shares = rows.map((row) => Math.abs(dot(axis, row)) / Math.sqrt(dot(row, row)))
  const mostLeft = Math.max(0, ...shares)
  if (!(mostLeft <= MOST_LEFT) || rows.length === 0)
    throw labError('PARAPET_LAB_NOT_ERASED', { model: id, share: mostLeft, most: MOST_LEFT })
  return { blocks: rows.length, mostLeft }
}
