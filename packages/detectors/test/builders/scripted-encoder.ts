import type { EncoderModel, EncoderReading, EncoderRequest } from '@parapet/runtime'

/** An encoder that a test answers by hand, and that counts its passes. */
export interface ScriptedEncoder extends EncoderModel {
  readonly requests: EncoderRequest[]
  /** Answers the pass at `index`. */
  answer(index: number, reading: EncoderReading): void
  fail(index: number, error: Error): void
}

/** Readings come when the test gives them; an aborted pass rejects by itself, as the runtime's does. */
export function scriptedEncoder(): ScriptedEncoder {
  const requests: EncoderRequest[] = []
  const passes: { resolve(readings: EncoderReading[]): void; reject(error: Error): void }[] = []
  return {
    manifest: encoderManifest({
      toxicity: ['toxic', 'insult'],
      sentiment: ['negative', 'neutral', 'positive'],
    }),
    requests,
    warm: async () => {},
    read(request) {
      requests.push(request)
      return new Promise((resolve, reject) => {
        passes.push({ resolve, reject })
        request.signal?.addEventListener('abort', () => reject(new Error('taken back')))
      })
    },
    answer: (index, reading) => passes[index]?.resolve([reading]),
    fail: (index, error) => passes[index]?.reject(error),
  }
}

/** A reading of one window. */
export function encoderRead(outputs: Record<string, readonly number[][]> = {}, tokens = 3): EncoderReading {
  const rows = Object.entries(outputs).map(([name, windows]) => [
    name,
    windows.map((row) => Float32Array.from(row)),
  ])
  return { kind: 'read', tokens, unknownTokens: 0, windows: 1, outputs: Object.fromEntries(rows) }
}

/** A valid manifest of an encoder with these outputs. */
export function encoderManifest(outputs: Record<string, readonly string[]>): EncoderModel['manifest'] {
  return {
    schema: 'parapet.model/1',
    id: 'tiny-encoder',
    version: '0.1.0',
    licence: 'Apache-2.0',
    kind: 'encoder',
    files: {},
    outputs: Object.fromEntries(
      Object.entries(outputs).map(([name, labels]) => [name, { labels: [...labels] }]),
    ),
    windowTokens: 16,
    strideTokens: 8,
  }
}
