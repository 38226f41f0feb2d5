import { createHash } from 'node:crypto'
import type { EncoderModel, EncoderModelFolder, EncoderReading, ModelHost } from '@parapet/runtime'
import { LeastRecentlyUsed } from './least-recently-used.ts'
import { SharedRun } from './shared-run.ts'

/** Readings kept: a handful of short rows each, a few hundred kilobytes in all. */
const KEPT_READINGS = 256

/** One text put to a reader. */
export interface TextRequest {
  /** A text with more tokens is not read. Tokens, special ones not counted. */
  readonly maxTokens: number
  readonly signal: AbortSignal
}

/**
 * Reads texts with one encoder for every detector that has a head on it: one tokenisation and one forward pass a
 * text, whoever asks and in whatever order. Texts are known by their digest alone, and never kept.
 */
export interface TextReader {
  /** Loads the model ahead of the first text. */
  warm(): Promise<void>
  /**
   * The reading of a text, shared with those who ask for it at the same time and remembered for a while.
   * One caller's abort ends its own wait; the pass itself is taken back when nobody waits for it.
   */
  read(text: string, request: TextRequest): Promise<EncoderReading>
}

/** Makes a reader over an encoder. `textReaderOf` gives the one that others use too. */
export function createTextReader(model: EncoderModel, keptReadings = KEPT_READINGS): TextReader {
  const running = new Map<string, { readonly run: SharedRun<EncoderReading>; readonly maxTokens: number }>()
  const kept = new LeastRecentlyUsed<
    string,
    { readonly reading: EncoderReading; readonly maxTokens: number }
  >(keptReadings)

  async function pass(text: string, maxTokens: number, signal: AbortSignal): Promise<EncoderReading> {
    const [reading] = await model.read({ texts: [text], maxTokens, signal })
    if (!reading) throw new TypeError('The encoder answered one text with no reading.')
    return reading
  }

  function start(key: string, text: string, maxTokens: number): SharedRun<EncoderReading> {
    const run = new SharedRun((signal) => pass(text, maxTokens, signal))
    running.set(key, { run, maxTokens })
    const forget = () => {
      if (running.get(key)?.run === run) running.delete(key)
    }
    run.result.then((reading) => {
      forget()
      kept.set(key, { reading, maxTokens })
    }, forget)
    return run
  }

  return {
    warm: () => model.warm(),
    async read(text, { maxTokens, signal }) {
      const key = digestOf(text)
      const known = kept.get(key)
      if (known && answers(known.reading, known.maxTokens, maxTokens)) return within(known.reading, maxTokens)
      const current = running.get(key)
      const shared =
        current && current.maxTokens >= maxTokens && !current.run.abandoned ? current.run : undefined
      return within(await (shared ?? start(key, text, maxTokens)).join(signal), maxTokens)
    },
  }
}

const readers = new WeakMap<ModelHost, Map<string, TextReader>>()

/** The reader of these weights on this host: the same one for all detectors. */
export function textReaderOf(host: ModelHost, folder: EncoderModelFolder): TextReader {
  const ofHost = readers.get(host) ?? new Map<string, TextReader>()
  readers.set(host, ofHost)
  const key = JSON.stringify([folder.directory, folder.manifest])
  const reader = ofHost.get(key) ?? createTextReader(host.encoder(folder))
  ofHost.set(key, reader)
  return reader
}

/** Whether a reading made under one limit answers a question with another. */
function answers(reading: EncoderReading, madeWith: number, maxTokens: number): boolean {
  return reading.kind === 'read' || madeWith >= maxTokens
}

/** A caller with a lower limit gets the same answer as if it had been alone. */
function within(reading: EncoderReading, maxTokens: number): EncoderReading {
  const { kind, tokens } = reading
  return kind === 'read' && tokens > maxTokens ? { kind: 'too-long', tokens } : reading
}

/** Lone surrogates have no UTF-8 form and would all hash alike: the UTF-16 units are hashed. */
function digestOf(text: string): string {
  return createHash('sha256').update(Buffer.from(text, 'utf16le')).digest('base64')
}
