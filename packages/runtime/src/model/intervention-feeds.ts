import { INTERVENTION_INPUTS } from '../graph/intervene.ts'
import type { Intervention } from '../graph/intervention.ts'
import type { DecoderManifest } from './manifest.ts'
import type { OnnxSession, Tensors } from './onnx-session.ts'

/** An intervention on one prompt: the positions that it spares are known. */
export interface PlacedIntervention {
  readonly intervention: Intervention
  /** Positions of the prompt, counted from 0. */
  readonly spared: ReadonlySet<number>
}

/** What a pass over positions `offset` to `offset + length` is fed with; without an intervention every strength is 0. */
export function interventionFeeds(
  { tensors: OnnxTensor, inputNames }: Pick<OnnxSession, 'tensors' | 'inputNames'>,
  { hidden, layers }: DecoderManifest,
  offset: number,
  length: number,
  placed: PlacedIntervention | undefined,
): Tensors {
  const { eraseDirection, eraseStrength, eraseOffset, addVector, addStrength } = INTERVENTION_INPUTS
  if (!inputNames.includes(eraseDirection)) return {}
  const { erase, add } = placed?.intervention ?? {}
  const float32 = (data: Float32Array, shape: number[]) => new OnnxTensor('float32', data, shape)
  const strengths = (strength: number) =>
    Float32Array.from({ length }, (_, index) => (placed?.spared.has(offset + index) ? 0 : strength))
  const added = new Float32Array(layers * length)
  if (add) added.set(strengths(add.strength ?? 1), add.block * length)
  return {
    [eraseDirection]: float32(erase ? unit(erase.direction) : new Float32Array(hidden), [hidden, 1]),
    [eraseStrength]: float32(strengths(erase ? (erase.strength ?? 1) : 0), [1, length, 1]),
    [eraseOffset]: float32(Float32Array.of(erase?.offset ?? 0), [1]),
    [addVector]: float32(add?.vector ?? new Float32Array(hidden), [hidden]),
    [addStrength]: float32(added, [layers, 1, length, 1]),
  }
}

/** The vector at length 1 to the last bit: a thousandth off would leave a five hundredth of what is erased. */
function unit(direction: Float32Array): Float32Array {
  const norm = Math.hypot(...direction)
  return direction.map((value) => value / norm)
}
