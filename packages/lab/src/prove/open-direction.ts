import { createHash } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { checkDirection, parseDirectionFile } from '@parapet/detectors/direction'
import { blockOf, type DecoderModelFolder } from '@parapet/runtime'
import { z } from 'zod'
import { proveError } from './prove-errors.ts'

const MAX_DIRECTION_BYTES = 64 * 1024 * 1024

/** How a direction came about, as its evidence says: found in the model, or trained into it. */
export type Origin = 'native' | 'planted' | 'unknown'

/** A direction that belongs to a model. */
export interface ProvedDirection {
  readonly id: string
  readonly version: string
  /** SHA-256 of the file, lower-case hexadecimal. */
  readonly sha256: string
  readonly site: string
  readonly position: string | number
  readonly origin: Origin
  /** Where it is added, counted from 0. */
  readonly block: number
  /** As the file has it: float32[hidden]. */
  readonly vector: Float32Array
  /** The same, of length 1. */
  readonly unit: Float32Array
  /** Its length. */
  readonly norm: number
  /** The form of erasure that `parapet fit` chose it with, and r̂ᵀμ of the harmless mean, where the file has it. */
  readonly fitted: { readonly erase: 'zero' | 'affine'; readonly offset?: number }
}

/**
 * Reads a direction file and checks that it was made for this model, its tokenizer and its template.
 * @param path @default `direction.safetensors` in the model's folder
 * @throws `PARAPET_LAB_DIRECTION_UNREADABLE`, `PARAPET_LAB_DIRECTION_ZERO`, `PARAPET_DETECTOR_DIRECTION_INVALID`,
 *   `PARAPET_DETECTOR_DIRECTION_MISMATCH`, which names both models
 */
export async function openDirection(
  folder: DecoderModelFolder,
  path = join(folder.directory, 'direction.safetensors'),
): Promise<ProvedDirection> {
  const bytes = await readDirectionBytes(path)
  const { metadata, direction } = parseDirectionFile(bytes, folder.manifest.id)
  await checkDirection(metadata.model, folder)
  const norm = Math.hypot(...direction)
  if (!(norm > 0)) throw proveError('PARAPET_LAB_DIRECTION_ZERO', { path })
  const { site, position } = metadata.direction
  return {
    id: metadata.id,
    version: metadata.version,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    site,
    position,
    origin: originOf(metadata.evidence?.['origin']),
    block: blockOf(site) ?? 0,
    vector: direction,
    unit: direction.map((value) => value / norm),
    norm,
    fitted: fittedOf(metadata.fit),
  }
}

const fitEvidence = z.object({
  erase: z.enum(['zero', 'affine']).catch('zero'),
  chosen: z.object({ offset: z.number() }).optional().catch(undefined),
})

/** A file from a stranger may say anything there: what is of no use is taken as not said. */
function fittedOf(fit: unknown): ProvedDirection['fitted'] {
  const { erase, chosen } = fitEvidence.parse(fit ?? {})
  return { erase, ...(chosen ? { offset: chosen.offset } : {}) }
}

const originOf = (value: unknown): Origin => (value === 'native' || value === 'planted' ? value : 'unknown')

async function readDirectionBytes(path: string): Promise<Uint8Array> {
  const unreadable = (fault: string, cause?: unknown) =>
    proveError('PARAPET_LAB_DIRECTION_UNREADABLE', { path, fault }, { cause })
  const { size } = await stat(path).catch((cause: NodeJS.ErrnoException) => {
    throw unreadable(cause.code ?? 'unreadable', cause)
  })
  if (size > MAX_DIRECTION_BYTES) throw unreadable(`${size} bytes`)
  return readFile(path).catch((cause: NodeJS.ErrnoException) => {
    throw unreadable(cause.code ?? 'unreadable', cause)
  })
}
