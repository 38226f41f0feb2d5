import { parseSafetensors, type Tensor, writeSafetensors } from '@parapet/detectors/direction'
import { type ReadSite, residPre } from '@parapet/runtime'
import { z } from 'zod'
import { labError } from '../../errors/codes.ts'
import { activations, messagesOf } from '../ask-model.ts'
import { type Candidate, candidatesOf, keyOf, placeOf } from '../candidate.ts'
import { deepestBlock } from '../choose-candidate.ts'
import { type FitContext, KINDS, type Kind, type PerKind, perKind } from '../fit-context.ts'
import { type MeanAccumulator, meanAccumulator } from '../mean-accumulator.ts'
import { FEWEST, type KeptPrompts } from './keep-prompts.ts'

/** The mean activations of the two kinds, wherever a direction may come from. */
export interface ClassMeans {
  /** Every block that is deep enough, at each position of the template's tail. */
  readonly candidates: readonly Candidate[]
  readonly blocks: number
  /** What to read: the candidates' places, then the last token of the request in each block. */
  readonly sites: readonly ReadSite[]
  /** Prompts that the means are of. */
  readonly n: PerKind<number>
  /** The mean of each kind at a candidate's place, float32[hidden]. */
  at(kind: 'harmful' | 'harmless', candidate: Candidate): Float32Array
  /** The mean of each kind at the last token of the request, float32[hidden]. */
  atInstruction(kind: 'harmful' | 'harmless', block: number): Float32Array
}

const NAME = '4-means.safetensors'
const PARTIAL = '4-means.part.json'
/** Prompts after which the sums so far are put on disk. */
const SAVED_EVERY = 16
const MOST_POSITIONS = 32

const sums = z.object({ count: z.int().nonnegative(), sums: z.string() })
const partial = z.object({ positions: z.array(z.int()), asked: z.int(), harmful: sums, harmless: sums })

/**
 * Stage 4: the mean of each kind's activations at every block and template token, summed in double precision.
 * @throws `PARAPET_LAB_TEMPLATE_TAIL`, `PARAPET_LAB_PROMPTS_FEW`; the runtime's `PARAPET_MODEL_OUTPUT_MALFORMED` where an activation is not finite
 */
export async function classMeans(context: FitContext, kept: PerKind<KeptPrompts>): Promise<ClassMeans> {
  const { folder, meter, model, options } = context
  const { hidden, layers } = model.manifest
  const blocks = deepestBlock(layers, options.depth)
  const known = await folder.readBytes(NAME)
  if (known) return readMeans(known, blocks, hidden)

  const before = await folder.readJson(PARTIAL, partial)
  const positions = before?.positions ?? (await tailPositions(context, kept))
  const sites = sitesOf(positions, blocks)
  const width = sites.length * hidden
  const accumulators = perKind((kind) => meanAccumulator(width, before?.[kind]))
  const prompts = KINDS.flatMap((kind) => kept[kind].train.map((index) => ({ kind, index })))
  meter.step(before?.asked ?? 0, prompts.length, true)
  for (const [order, asked] of prompts.entries()) {
    if (order < (before?.asked ?? 0)) continue
    const rows = await activations(context, asked, sites)
    if (rows) accumulators[asked.kind].add(joined(rows, hidden))
    if ((order + 1) % SAVED_EVERY === 0)
      await folder.writeJson(PARTIAL, {
        positions,
        asked: order + 1,
        harmful: accumulators.harmful.save(),
        harmless: accumulators.harmless.save(),
      })
    meter.step(order + 1, prompts.length)
  }
  for (const kind of KINDS) {
    const { count } = accumulators[kind]
    if (count < FEWEST.train) throw tooFew(kind, count)
  }
  const bytes = writeMeans(accumulators, positions, blocks, hidden)
  await folder.writeBytes(NAME, bytes)
  await folder.remove(PARTIAL)
  return readMeans(bytes, blocks, hidden)
}

/** Every token that the template puts behind the request, from the end. */
async function tailPositions(context: FitContext, kept: PerKind<KeptPrompts>): Promise<number[]> {
  const { model, options } = context
  if (options.positions) return [...options.positions].sort((a, b) => a - b)
  const reading = await firstReading(context, kept)
  const tail = reading.lastInstruction === undefined ? 0 : reading.tokens - 1 - reading.lastInstruction
  if (tail < 1 || tail > MOST_POSITIONS)
    throw labError('PARAPET_LAB_TEMPLATE_TAIL', {
      model: model.manifest.id,
      tokens: tail,
      most: MOST_POSITIONS,
    })
  return Array.from({ length: tail }, (_, order) => order - tail)
}

/** The template's tokens around the first harmful prompt that fits into the model's context. */
async function firstReading(context: FitContext, kept: PerKind<KeptPrompts>) {
  for (const index of kept.harmful.train) {
    const reading = await context.model.read({
      messages: messagesOf(context, { kind: 'harmful', index }),
      sites: [{ site: residPre(0), position: 'last' }],
    })
    if (reading.kind === 'read') return reading
  }
  throw tooFew('harmful', 0)
}

const tooFew = (kind: Kind, n: number) =>
  labError('PARAPET_LAB_PROMPTS_FEW', {
    kind,
    n,
    needed: FEWEST.train,
    of: "for the means that fit into the model's context",
  })

function sitesOf(positions: readonly number[], blocks: number): ReadSite[] {
  const instruction = Array.from(
    { length: blocks },
    (_, block): ReadSite => ({ site: residPre(block), position: 'last-instruction' }),
  )
  return [...candidatesOf(positions, blocks).map(placeOf), ...instruction]
}

function joined(rows: readonly Float32Array[], hidden: number): Float32Array {
  const whole = new Float32Array(rows.length * hidden)
  for (const [order, row] of rows.entries()) whole.set(row, order * hidden)
  return whole
}

function writeMeans(
  accumulators: PerKind<MeanAccumulator>,
  positions: readonly number[],
  blocks: number,
  hidden: number,
): Uint8Array {
  const split = positions.length * blocks * hidden
  const tensors = KINDS.flatMap((kind): [string, Tensor][] => {
    const mean = accumulators[kind].mean()
    return [
      [kind, { shape: [positions.length, blocks, hidden], values: mean.subarray(0, split) }],
      [`${kind}.instruction`, { shape: [blocks, hidden], values: mean.subarray(split) }],
    ]
  })
  const about = {
    positions,
    n: { harmful: accumulators.harmful.count, harmless: accumulators.harmless.count },
  }
  return writeSafetensors(new Map(tensors), new Map([['means', JSON.stringify(about)]]))
}

const aboutMeans = z.object({
  positions: z.array(z.int().negative()).min(1),
  n: z.object({ harmful: z.int(), harmless: z.int() }),
})

function readMeans(bytes: Uint8Array, blocks: number, hidden: number): ClassMeans {
  try {
    const { tensors, metadata } = parseSafetensors(bytes)
    const { positions, n } = aboutMeans.parse(JSON.parse(metadata.get('means') ?? ''))
    const values = (name: string, size: number) => {
      const tensor = tensors.get(name)
      if (tensor?.values.length !== size) throw new Error(`the tensor "${name}" has another size`)
      return tensor.values
    }
    const tails = perKind((kind) => values(kind, positions.length * blocks * hidden))
    const instructions = perKind((kind) => values(`${kind}.instruction`, blocks * hidden))
    const candidates = candidatesOf(positions, blocks)
    const order = new Map(candidates.map((candidate, index) => [keyOf(candidate), index]))
    const row = (from: Float32Array, index: number) => from.subarray(index * hidden, (index + 1) * hidden)
    return {
      candidates,
      blocks,
      sites: sitesOf(positions, blocks),
      n,
      at: (kind, candidate) => row(tails[kind], order.get(keyOf(candidate)) ?? -1),
      atInstruction: (kind, block) => row(instructions[kind], block),
    }
  } catch (error) {
    const problem = error instanceof Error ? error.message : 'unreadable'
    throw labError('PARAPET_LAB_ARTEFACT_DAMAGED', { file: NAME, problem })
  }
}
