import type { Tensor } from 'onnxruntime-node'
import { fault } from '../errors/codes.ts'
import { intervene } from '../graph/intervene.ts'
import { lastPositionHead } from '../graph/last-position-head.ts'
import { giveOutLastSum } from '../graph/last-sum.ts'
import type { OnnxModel } from '../graph/onnx-model.ts'
import { findResidualStream } from '../graph/residual-stream.ts'
import { residPre, type Site } from '../graph/site.ts'
import { tap, tapTensors } from '../graph/tap.ts'
import { truncate } from '../graph/truncate.ts'
import { wholeCaches } from '../graph/whole-caches.ts'
import { interventionFeeds, type PlacedIntervention } from './intervention-feeds.ts'
import { cacheNames, createCache, emptyPast, type KeyValueCache, sharedPast } from './key-value-cache.ts'
import type { DecoderModelFolder } from './model-folder.ts'
import { type OnnxSession, openOnnxSession, type Tensors } from './onnx-session.ts'

/** A decoder's graph, loaded for one use. */
export interface DecoderGraph {
  createCache(capacity: number): KeyValueCache
  /** Reads tokens once, so that any number of passes may go on behind them; undefined where the graph takes no past. */
  readPast(ids: readonly number[]): Promise<KeyValueCache | undefined>
  /**
   * Passes tokens through the graph behind those that the cache has read.
   * @param offset tokens read before these
   * @param cache `undefined` where the tokens are the whole prompt and nothing follows
   * @param outputs names of what to hand back, the cache's own aside
   * @param placed an intervention, where the graph was loaded for them
   */
  pass(
    ids: readonly number[],
    offset: number,
    cache: KeyValueCache | undefined,
    outputs: readonly string[],
    placed?: PlacedIntervention,
  ): Promise<Tensors>
  dispose(): Promise<void>
}

/** Loads the graph that reads at blocks: tapped, and ending behind the deepest of them. */
export async function openReadingGraph(
  folder: DecoderModelFolder,
  blocks: readonly number[],
  threads: number,
): Promise<DecoderGraph> {
  const { id, layers } = folder.manifest
  const sites: Site[] = blocks.map(residPre)
  return openGraph(folder, threads, sites, (onnx) =>
    truncate(tap(onnx, findResidualStream(onnx.graph, layers, id), sites, id), sites),
  )
}

/** Loads the graph that answers: whole, its head on the last position only. */
export async function openAnsweringGraph(folder: DecoderModelFolder, threads: number): Promise<DecoderGraph> {
  return openGraph(folder, threads, ['logits'], lastPositionHead)
}

/**
 * Loads the graph that reads and answers: whole, every block tapped, its head on the last position only. What it read of a
 * prompt, its answer goes on behind.
 */
export async function openSharingGraph(folder: DecoderModelFolder, threads: number): Promise<DecoderGraph> {
  const { id, layers } = folder.manifest
  const sites = Array.from({ length: layers }, (_, block) => residPre(block))
  return openGraph(folder, threads, ['logits', ...sites], (onnx) =>
    lastPositionHead(tap(onnx, findResidualStream(onnx.graph, layers, id), sites, id)),
  )
}

/** A graph that is intervened in, with its taps in the order of the stream. */
export interface CheckedGraph extends DecoderGraph {
  readonly sites: readonly string[]
}

/**
 * Loads the graph that is intervened in: whole, every block tapped, its head on the last position only. One session
 * serves every condition, because directions, strengths and positions are inputs.
 */
export async function openInterveningGraph(
  folder: DecoderModelFolder,
  threads: number,
): Promise<CheckedGraph> {
  const { id, layers, hidden } = folder.manifest
  const sites = Array.from({ length: layers }, (_, block) => residPre(block))
  const graph = await openGraph(folder, threads, ['logits', ...sites], (onnx) => {
    const edited = intervene(onnx, findResidualStream(onnx.graph, layers, id), hidden)
    return lastPositionHead(tap(edited.onnx, edited.stream, sites, id))
  })
  return { ...graph, sites }
}

/** Loads the same graph for its check: tapped before each block, within it, and behind the last. */
export async function openCheckedGraph(folder: DecoderModelFolder, threads: number): Promise<CheckedGraph> {
  const { id, layers, hidden } = folder.manifest
  const sites = [
    ...Array.from({ length: layers }, (_, block) => [residPre(block), `blocks.${block}.hook_resid_mid`]),
    `blocks.${layers - 1}.hook_resid_post`,
  ].flat()
  const graph = await openGraph(folder, threads, ['logits', ...sites], (onnx) => {
    const whole = giveOutLastSum(onnx, findResidualStream(onnx.graph, layers, id))
    const edited = intervene(whole, findResidualStream(whole.graph, layers, id), hidden)
    const { embedding, writers } = edited.stream
    const tensors = [embedding, ...writers.map(({ sum }) => sum)]
    const taps = tensors.map((tensor, index): [string, string] => [sites[index] ?? '', tensor])
    return lastPositionHead(tapTensors(edited.onnx, new Map(taps)))
  })
  return { ...graph, sites }
}

async function openGraph(
  folder: DecoderModelFolder,
  threads: number,
  outputs: readonly string[],
  edit: (onnx: OnnxModel) => OnnxModel,
): Promise<DecoderGraph> {
  let inPlace = false
  const session = await openOnnxSession(folder, {
    threads,
    edit: (onnx) => {
      inPlace = writesInPlace(onnx)
      return edit(wholeCaches(onnx))
    },
  })
  checkTypes(session, folder, outputs)
  return {
    createCache: (capacity) => createCache(session, folder.manifest, capacity, inPlace),
    async readPast(ids) {
      const names = cacheNames(session)
      if (names.length === 0) return undefined
      const results = await session.run(
        {
          ...tokenFeeds(session, ids, 0),
          ...emptyPast(session, folder.manifest),
          ...interventionFeeds(session, folder.manifest, 0, ids.length, undefined),
        },
        Object.fromEntries(names.map(({ present }) => [present, null])),
      )
      return sharedPast(results, names)
    },
    async pass(ids, offset, cache, wanted, placed) {
      const past = cache?.prepare(offset + ids.length) ?? {
        feeds: emptyPast(session, folder.manifest),
        fetches: {},
      }
      const fetches = { ...past.fetches, ...Object.fromEntries(wanted.map((name) => [name, null])) }
      const changes = interventionFeeds(session, folder.manifest, offset, ids.length, placed)
      const results = await session.run(
        { ...tokenFeeds(session, ids, offset), ...past.feeds, ...changes },
        fetches,
      )
      cache?.take(results)
      return results
    },
    dispose: () => session.dispose(),
  }
}

/** Whether every past key and value goes straight into an attention that can write into the buffer it reads. */
function writesInPlace({ graph }: OnnxModel): boolean {
  const past = graph.inputs.filter(({ name }) => name.startsWith('past_key_values.'))
  const readers = graph.nodes.filter((node) =>
    node.inputs.some((name) => name.startsWith('past_key_values.')),
  )
  return past.length > 0 && readers.every((node) => node.operator === 'GroupQueryAttention')
}

function checkTypes(
  session: OnnxSession,
  { manifest }: DecoderModelFolder,
  outputs: readonly string[],
): void {
  const needed = [
    'input_ids',
    ...outputs,
    ...cacheNames(session).flatMap(({ past, present }) => [past, present]),
  ]
  for (const name of needed) {
    const expected = name === 'input_ids' ? 'int64' : 'float32'
    const type = session.typeOf(name)
    if (type === expected) continue
    throw fault('PARAPET_MODEL_OUTPUT_MALFORMED', {
      model: manifest.id,
      output: name,
      received: type === undefined ? 'missing in the graph' : `of type ${type}`,
      expected: `of type ${expected}`,
    })
  }
}

function tokenFeeds(session: OnnxSession, ids: readonly number[], offset: number): Tensors {
  const { tensors: OnnxTensor } = session
  const int64 = (data: BigInt64Array) => new OnnxTensor('int64', data, [1, data.length])
  const feeds: Record<string, Tensor> = {}
  for (const name of session.inputNames) {
    if (name === 'input_ids') feeds[name] = int64(BigInt64Array.from(ids, BigInt))
    else if (name === 'attention_mask') feeds[name] = int64(new BigInt64Array(offset + ids.length).fill(1n))
    else if (name === 'position_ids') {
      feeds[name] = int64(BigInt64Array.from(ids, (_, index) => BigInt(offset + index)))
    }
  }
  return feeds
}
