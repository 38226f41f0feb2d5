import type { Tensor } from 'onnxruntime-node'
import type { DecoderManifest } from './manifest.ts'
import type { OnnxSession, Tensors } from './onnx-session.ts'

/** The keys and values of the tokens that a decoder has read. */
export interface KeyValueCache {
  /** What a pass is fed with and asked for, so that `total` tokens are read behind it. */
  prepare(total: number): {
    readonly feeds: Tensors
    readonly fetches: Readonly<Record<string, Tensor | null>>
  }
  /** Takes a pass's results. */
  take(results: Tensors): void
  /** Forgets what was read behind the first `total` tokens. */
  keepFirst(total: number): void
  /** Gives the memory back at once, instead of when garbage is collected: tens of megabytes for a long prompt. */
  release(): void
}

const PAST = /^past_key_values\.(\d+)\.(key|value)$/
/** Tokens that a full cache grows by. onnxruntime-node copies an output's whole room at each pass, so it is kept small. */
const GROWTH_TOKENS = 64

/** The inputs of a graph that take keys and values, and the output that continues each. */
export function cacheNames(session: OnnxSession): { past: string; present: string }[] {
  return session.inputNames.flatMap((past) => {
    const found = PAST.exec(past)
    return found ? [{ past, present: `present.${found[1]}.${found[2]}` }] : []
  })
}

/** What a single pass is fed with that neither has nor leaves a cache. */
export function emptyPast(session: OnnxSession, manifest: DecoderManifest): Tensors {
  return Object.fromEntries(cacheNames(session).map(({ past }) => [past, makeTensor(session, manifest, 0)]))
}

/**
 * A cache, with room for `capacity` tokens from the start. Where the graph's attention writes in place
 * (`GroupQueryAttention`), each tensor is input and output at once; elsewhere a pass's output is the next one's input.
 */
export function createCache(
  session: OnnxSession,
  manifest: DecoderManifest,
  capacity: number,
  inPlace: boolean,
): KeyValueCache {
  const names = cacheNames(session)
  let room = inPlace ? capacity : 0
  let past: Record<string, Tensor> = Object.fromEntries(
    names.map((name) => [name.past, makeTensor(session, manifest, room)]),
  )
  const grow = (to: number) => {
    const before = past
    past = Object.fromEntries(
      names.map((name) => {
        const larger = makeTensor(session, manifest, to)
        copyRows(before[name.past], larger, room * manifest.headSize, to * manifest.headSize)
        return [name.past, larger]
      }),
    )
    free(before)
    room = to
  }
  return {
    prepare(total) {
      if (inPlace && total > room) grow(total + GROWTH_TOKENS)
      const fetches = names.map((name) => [name.present, inPlace ? (past[name.past] ?? null) : null])
      return { feeds: past, fetches: Object.fromEntries(fetches) }
    },
    take(results) {
      const presents = Object.fromEntries(
        names.flatMap(({ past: name, present }) => {
          const tensor = results[present]
          return tensor ? [[name, tensor]] : []
        }),
      )
      if (inPlace) free(presents)
      else {
        free(past)
        past = presents
      }
    },
    keepFirst(total) {
      // In place, the attention mask says how much counts, and the next pass writes over the rest.
      if (!inPlace) past = firstRows(session, manifest, past, total)
    },
    release: () => free(past),
  }
}

/** What was read once, as the past of passes that leave nothing behind: each is fed with it, and none changes it. */
export function sharedPast(
  results: Tensors,
  names: readonly { readonly past: string; readonly present: string }[],
): KeyValueCache {
  const feeds = Object.fromEntries(
    names.flatMap(({ past, present }) => (results[present] ? [[past, results[present]]] : [])),
  )
  return { prepare: () => ({ feeds, fetches: {} }), take: () => {}, keepFirst: () => {}, release: () => {} }
}

function makeTensor(session: OnnxSession, { kvHeads, headSize }: DecoderManifest, room: number): Tensor {
  return new session.tensors('float32', new Float32Array(kvHeads * room * headSize), [
    1,
    kvHeads,
    room,
    headSize,
  ])
}

/** The tensors without what lies behind the first `total` tokens. */
function firstRows(
  session: OnnxSession,
  manifest: DecoderManifest,
  past: Readonly<Record<string, Tensor>>,
  total: number,
): Record<string, Tensor> {
  return Object.fromEntries(
    Object.entries(past).map(([name, tensor]) => {
      const length = tensor.dims[2] ?? 0
      if (length <= total) return [name, tensor]
      const shorter = makeTensor(session, manifest, total)
      const [from, to] = [length * manifest.headSize, total * manifest.headSize]
      for (let head = 0; head < manifest.kvHeads; head += 1) {
        const row = (tensor.data as Float32Array).subarray(head * from, head * from + to)
        ;(shorter.data as Float32Array).set(row, head * to)
      }
      free({ [name]: tensor })
      return [name, shorter]
    }),
  )
}

/** Copies each head's row to the start of a longer one. */
function copyRows(from: Tensor | undefined, to: Tensor, fromLength: number, toLength: number): void {
  if (!(from?.data instanceof Float32Array) || !(to.data instanceof Float32Array) || fromLength === 0) return
  for (let head = 0; head * fromLength < from.data.length; head += 1) {
    to.data.set(from.data.subarray(head * fromLength, (head + 1) * fromLength), head * toLength)
  }
}

function free(tensors: Tensors): void {
  for (const { data } of Object.values(tensors)) {
    if (data instanceof Float32Array && 'transfer' in data.buffer) data.buffer.transfer(0)
  }
}
