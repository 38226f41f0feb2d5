import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export type WireJson = Readonly<Record<string, unknown>>

const FOLDER = join(import.meta.dirname, '../contract/__fixtures__')

/** The events of a fixture: one JSON text a line. */
export const fixtureEvents = (name: string): WireJson[] =>
  readFileSync(join(FOLDER, `${name}.chunks.txt`), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))

/** Events as the bytes of a stream, named as their `type` where `named`. */
export function sseBytes(events: readonly WireJson[], { named = true } = {}): Uint8Array {
  const frames = events.map(
    (event) => `${named ? `event: ${event['type']}\n` : ''}data: ${JSON.stringify(event)}\n\n`,
  )
  return new TextEncoder().encode(frames.join(''))
}

/** Cuts bytes at places, wherever they fall. */
export function cutBytes(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const sorted = [
    ...new Set([0, ...places.filter((place) => place > 0 && place < bytes.length), bytes.length]),
  ]
  sorted.sort((a, b) => a - b)
  return sorted.slice(1).map((place, index) => bytes.subarray(sorted[index], place))
}

/** A body that comes in pieces, and then ends, breaks off or says nothing more. */
export function bodyOf(
  pieces: readonly Uint8Array[],
  end: 'close' | 'error' | 'stall' = 'close',
): ReadableStream<Uint8Array> {
  let next = 0
  return new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const piece = pieces[next++]
        if (piece) return controller.enqueue(piece)
        if (end === 'stall') return new Promise<void>(() => {})
        if (end === 'error') controller.error(new TypeError('terminated'))
        else controller.close()
        return undefined
      },
    },
    { highWaterMark: 0 },
  )
}
