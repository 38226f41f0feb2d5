import { fault } from '../errors/codes.ts'
import { sinkMemory } from '../model/attention-sinks.ts'
import { type Continuations, createContinuations } from '../model/continuations.ts'
import {
  type DecoderGraph,
  openAnsweringGraph,
  openInterveningGraph,
  openReadingGraph,
  openSharingGraph,
} from '../model/decoder-graph.ts'
import { answer, firstToken, type ReadingAids, readSites } from '../model/decoder-runner.ts'
import type { DecoderText } from '../model/decoder-text.ts'
import { type EncoderRunner, openEncoder } from '../model/encoder-runner.ts'
import { loadChatTemplate, loadTokenizer } from '../model/load-tokenizer.ts'
import type { DecoderModelFolder, EncoderModelFolder, ModelFolder } from '../model/model-folder.ts'
import { createPrefills } from '../model/prefills.ts'
import { readPromptPrefix } from '../model/prompt-prefix.ts'
import { readTokens } from '../model/read-tokens.ts'
import { tryErasure, verifyInterventions } from '../model/verify-interventions.ts'
import type { Work } from '../model/work.ts'
import type { InterventionCheck, TextDelta } from './decoder-model.ts'
import type { FromHost, LoadSpecification, RequestResult, RequestWork, ToHost } from './protocol.ts'
import { StepScheduler } from './step-scheduler.ts'
import { toWireError } from './wire-error.ts'

/** A loaded part of a model. */
type Part =
  | { readonly use: 'encoder'; readonly model: string; readonly encoder: EncoderRunner }
  | {
      readonly use: 'decoder'
      readonly model: string
      readonly graph: DecoderGraph
      readonly text: DecoderText
      readonly aids: ReadingAids & { readonly continuations: Continuations }
    }
  | { readonly use: 'verifying'; readonly model: string; readonly check: InterventionCheck }

/** Milliseconds between two signs of life while there is work. */
const ALIVE_EVERY_MS = 200

/** The side of a host that computes: in a child process, or in the app's own with `isolation: 'none'`. */
export class HostCore {
  readonly #say: (message: FromHost) => void
  readonly #scheduler = new StepScheduler()
  readonly #parts = new Map<string, Part>()
  /** One tokenizer and template for all the parts of a decoder. */
  readonly #texts = new Map<string, Promise<DecoderText>>()
  readonly #open = new Map<number, { aborted: boolean }>()
  #saidAliveAt = 0

  constructor(say: (message: FromHost) => void) {
    this.#say = say
  }

  take(message: ToHost): void {
    if (message.type === 'load') {
      const { id, specification } = message
      this.#start(id, 'read', specification.folder.manifest.id, this.#load(specification))
    } else if (message.type === 'request') {
      const { id, key, work } = message
      this.#start(id, lane(work), this.#parts.get(key)?.model ?? 'unknown', this.#request(key, work))
    } else if (message.type === 'abort') {
      const open = this.#open.get(message.id)
      if (open) open.aborted = true
    } else if (message.type === 'unload') void this.#unload(message.key)
    else this.#alive()
  }

  /** Lets go of every loaded graph. */
  async dispose(): Promise<void> {
    await Promise.all([...this.#parts.keys()].map((key) => this.#unload(key)))
  }

  #start(
    id: number,
    lane: 'read' | 'answer',
    model: string,
    work: Work<RequestResult | undefined, TextDelta | undefined>,
  ): void {
    const open = { aborted: false }
    this.#open.set(id, open)
    const end = (message: FromHost) => {
      this.#open.delete(id)
      this.#say(message)
      return true
    }
    let begun = false
    const step = async (): Promise<boolean> => {
      if (!begun) {
        begun = true
        this.#say({ type: 'begun', id })
      }
      if (Date.now() - this.#saidAliveAt >= ALIVE_EVERY_MS) this.#alive()
      try {
        if (open.aborted) {
          await work.return(undefined)
          return end({ type: 'error', id, error: toWireError(fault('PARAPET_RUNTIME_ABORTED', {}), model) })
        }
        const { done, value } = await work.next()
        if (done === true) {
          if (value === undefined) collectGarbage()
          return end(resultOf(id, value))
        }
        if (value !== undefined) this.#say({ type: 'delta', id, delta: value })
        return false
      } catch (error) {
        return end({ type: 'error', id, error: toWireError(error, model) })
      }
    }
    this.#scheduler.add({ lane, step })
  }

  async *#load({ key, folder, use, threads }: LoadSpecification): Work<undefined, undefined> {
    if (this.#parts.has(key)) return
    this.#alive()
    const model = folder.manifest.id
    if (use.kind === 'encoder') {
      const encoder = await openEncoder(folder as EncoderModelFolder, threads)
      this.#parts.set(key, { use: 'encoder', model, encoder })
      return
    }
    const decoder = folder as DecoderModelFolder
    if (use.kind === 'verifying') {
      // Both of its graphs are let go of: what stays is what the check measured.
      const check = yield* verifyInterventions(decoder, threads)
      this.#parts.set(key, { use: 'verifying', model, check })
      return
    }
    const text = await this.#textOf(decoder)
    // Before the weights' file comes into memory beside it.
    collectGarbage()
    yield
    if (use.kind === 'intervening') {
      const graph = await openInterveningGraph(decoder, threads)
      try {
        // An edit is never trusted unseen.
        yield* tryErasure(graph, decoder.manifest, 1)
      } catch (error) {
        await graph.dispose()
        throw error
      }
      const aids = { sinks: sinkMemory(), continuations: createContinuations() }
      this.#parts.set(key, { use: 'decoder', model, graph, text, aids })
      return
    }
    if (use.kind === 'sharing') {
      const graph = await openSharingGraph(decoder, threads)
      const aids = { prefills: createPrefills(use.keptTokens), continuations: createContinuations() }
      this.#parts.set(key, { use: 'decoder', model, graph, text, aids })
      return
    }
    const graph =
      use.kind === 'reading'
        ? await openReadingGraph(decoder, use.blocks, threads)
        : await openAnsweringGraph(decoder, threads)
    yield
    const prefix = use.kind === 'reading' ? await readPromptPrefix(text, graph) : undefined
    const aids = { prefix, continuations: createContinuations() }
    this.#parts.set(key, { use: 'decoder', model, graph, text, aids })
  }

  async *#request(key: string, work: RequestWork): Work<RequestResult, TextDelta | undefined> {
    const part = this.#parts.get(key)
    if (part?.use === 'encoder' && work.kind === 'read-texts') return yield* part.encoder.read(work)
    if (part?.use === 'decoder' && work.kind === 'read-sites')
      return yield* readSites(part.text, part.graph, work, part.aids)
    if (part?.use === 'decoder' && work.kind === 'read-tokens')
      return yield* readTokens(part.text, part.graph, work, part.aids)
    if (part?.use === 'decoder' && work.kind === 'answer')
      return yield* answer(part.text, part.graph, work, part.aids)
    if (part?.use === 'decoder' && work.kind === 'first-token')
      return yield* firstToken(part.text, part.graph, work, part.aids)
    if (part?.use === 'verifying' && work.kind === 'verify-interventions') return part.check
    throw fault('PARAPET_RUNTIME_REQUEST_INVALID', {
      field: 'key',
      received: part === undefined ? 'a model that is not loaded' : 'a model of the wrong kind',
      expected: `one loaded for ${work.kind}`,
    })
  }

  #textOf(folder: DecoderModelFolder): Promise<DecoderText> {
    const known = this.#texts.get(folder.directory)
    if (known) return known
    const loading = loadText(folder)
    this.#texts.set(folder.directory, loading)
    loading.catch(() => this.#texts.delete(folder.directory))
    return loading
  }

  async #unload(key: string): Promise<void> {
    const part = this.#parts.get(key)
    this.#parts.delete(key)
    if (part?.use === 'encoder') await part.encoder.dispose()
    if (part?.use !== 'decoder') return
    part.aids.continuations.release()
    part.aids.prefills?.release()
    await part.graph.dispose()
  }

  #alive(): void {
    this.#saidAliveAt = Date.now()
    this.#say({ type: 'alive', residentBytes: process.memoryUsage.rss() })
  }
}

/** In a child process alone: a load leaves as much garbage as the model's files are large. */
function collectGarbage(): void {
  globalThis.gc?.()
}

function lane(work: RequestWork): 'read' | 'answer' {
  return work.kind === 'answer' ? 'answer' : 'read'
}

function resultOf(id: number, value: RequestResult | undefined): FromHost {
  return value === undefined ? { type: 'loaded', id } : { type: 'result', id, result: value }
}

async function loadText(folder: DecoderModelFolder): Promise<DecoderText> {
  const { manifest } = folder as ModelFolder & DecoderModelFolder
  const tokenizer = await loadTokenizer(folder)
  if (tokenizer.largestId >= manifest.vocabulary) {
    throw fault('PARAPET_MODEL_TOKENIZER_INVALID', {
      model: manifest.id,
      problem: `its largest id is ${tokenizer.largestId}, and the model has ${manifest.vocabulary} tokens`,
    })
  }
  return { manifest, tokenizer, template: await loadChatTemplate(folder) }
}
