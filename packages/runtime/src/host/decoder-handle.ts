import { fault } from '../errors/codes.ts'
import type { ReadSite } from '../graph/site.ts'
import { blocksOf } from '../model/decoder-runner.ts'
import type { DecoderManifest } from '../model/manifest.ts'
import type { DecoderModelFolder } from '../model/model-folder.ts'
import { CHARACTERS_PER_TOKEN } from '../model/work.ts'
import type { ChatMessage } from '../text/chat-message.ts'
import { checkIntervention } from './check-intervention.ts'
import { checkTokenReadings } from './check-token-readings.ts'
import type {
  DecoderModel,
  DecoderReading,
  Finished,
  FirstToken,
  GenerateRequest,
  InterventionCheck,
  TextDelta,
} from './decoder-model.ts'
import { checkMaxTokens } from './encoder-handle.ts'
import { generationStream } from './generation-stream.ts'
import { checkRequestOptions, type HostJob, waitFor } from './host-job.ts'
import type { HostSupervisor } from './host-supervisor.ts'
import type { ModelHostOptions } from './model-host.ts'
import type { LoadSpecification, RequestWork } from './protocol.ts'
import type { RequestOptions, TooLong } from './reading.ts'
import type { TokenRead } from './token-read.ts'

const PROBE: readonly ChatMessage[] = [{ role: 'user', content: 'a' }]

/** The handle of a chat model on a host. */
export function decoderHandle(
  supervisor: HostSupervisor,
  folder: DecoderModelFolder,
  { threads, sharedPrefillTokens }: Pick<Required<ModelHostOptions>, 'threads' | 'sharedPrefillTokens'>,
): DecoderModel {
  const { manifest } = folder
  const part = (use: LoadSpecification['use'], name: string): LoadSpecification => {
    return { key: `${name}:${folder.directory}`, folder, use, threads }
  }
  const readingPart = (sites: readonly Pick<ReadSite, 'site'>[]): LoadSpecification => {
    const blocks = blocksOf(sites, manifest)
    return part({ kind: 'reading', blocks }, `reading ${blocks.join(',')}`)
  }
  const sharing =
    sharedPrefillTokens > 0
      ? part({ kind: 'sharing', keptTokens: sharedPrefillTokens }, 'sharing')
      : undefined
  const answeringPart = sharing ?? part({ kind: 'answering' }, 'answering')
  const interveningPart = part({ kind: 'intervening' }, 'intervening')
  const verifyingPart = part({ kind: 'verifying' }, 'verifying')
  const ask = async (specification: LoadSpecification, work: RequestWork, options: RequestOptions) => {
    if (options.signal?.aborted) throw fault('PARAPET_RUNTIME_ABORTED', {}, { cause: options.signal.reason })
    const job = supervisor.submit(specification, work)
    return waitFor(job.promise, {
      ...options,
      state: () => job.state,
      leave: () => supervisor.cancel(job),
    })
  }

  return {
    manifest,
    async warm(use = { generate: true }, options = {}) {
      if (use.sites && use.sites.length > 0)
        await this.read({ ...options, messages: PROBE, sites: use.sites })
      if (use.generate) await this.generate({ ...options, messages: PROBE, maxNewTokens: 1 }).finished
    },
    async read({ messages, sites, maxTokens, addGenerationPrompt, intervention, ...options }) {
      checkRequestOptions(options)
      checkMessages(messages)
      checkMaxTokens(maxTokens)
      checkIntervention(intervention, manifest)
      if (sites.length === 0) {
        throw fault('PARAPET_RUNTIME_REQUEST_INVALID', {
          field: 'sites',
          received: 'empty',
          expected: 'one or more',
        })
      }
      if (options.signal?.aborted)
        throw fault('PARAPET_RUNTIME_ABORTED', {}, { cause: options.signal.reason })
      const reading = readingPart(sites)
      // Without the opening of the assistant's turn there is nothing to answer.
      const plainPart = addGenerationPrompt === false ? reading : (sharing ?? reading)
      const specification = intervention === undefined ? plainPart : interveningPart
      // A conversation of megabytes does not even cross to the host.
      const limit = Math.min(maxTokens ?? manifest.contextTokens, manifest.contextTokens)
      if (leastTokens(messages) > limit) return { kind: 'too-long', tokens: undefined }
      const work = {
        kind: 'read-sites' as const,
        messages: plain(messages),
        sites,
        maxTokens,
        addGenerationPrompt,
        intervention,
      }
      return (await ask(specification, work, options)) as DecoderReading
    },
    async readTokens({ messages, sites, readings, answer, maxTokens, ...options }) {
      checkRequestOptions(options)
      checkMessages(messages)
      checkMaxTokens(maxTokens)
      checkTokenReadings(readings, answer, manifest)
      if (options.signal?.aborted)
        throw fault('PARAPET_RUNTIME_ABORTED', {}, { cause: options.signal.reason })
      const reading = readingPart([...sites, ...readings])
      // An answer grows behind a cache of its own: in the graph that ends early, it costs less.
      const specification = answer === undefined ? (sharing ?? reading) : reading
      const written = answer === undefined ? [] : [{ role: 'assistant' as const, content: answer }]
      const limit = Math.min(maxTokens ?? manifest.contextTokens, manifest.contextTokens)
      if (leastTokens([...messages, ...written]) > limit) return { kind: 'too-long', tokens: undefined }
      const work = { messages: plain(messages), sites, readings, answer, maxTokens }
      return (await ask(specification, { kind: 'read-tokens', ...work }, options)) as TokenRead | TooLong
    },
    async firstToken({ messages, intervention, prefill = '', ...options }) {
      checkRequestOptions(options)
      checkMessages(messages)
      checkIntervention(intervention, manifest)
      checkPrefill(prefill)
      checkContext([...messages, { role: 'assistant', content: prefill }], 1, manifest)
      const work = { kind: 'first-token' as const, messages: plain(messages), prefill, intervention }
      return (await ask(interveningPart, work, options)) as FirstToken
    },
    async verifyInterventions(options = {}) {
      checkRequestOptions(options)
      return (await ask(verifyingPart, { kind: 'verify-interventions' }, options)) as InterventionCheck
    },
    generate(request) {
      const { messages, maxNewTokens, stop = [], temperature = 0, topP = 1, seed = 0, intervention } = request
      let job: HostJob | undefined
      const abort = new AbortController()
      const leave = () => abort.abort()
      const write = async (push: (delta: TextDelta) => void): Promise<Finished> => {
        checkGenerate(request, manifest)
        checkContext(messages, maxNewTokens, manifest)
        const signal = request.signal ? AbortSignal.any([request.signal, abort.signal]) : abort.signal
        if (signal.aborted) throw fault('PARAPET_RUNTIME_ABORTED', {}, { cause: signal.reason })
        const work = { messages: plain(messages), maxNewTokens, stop, temperature, topP, seed, intervention }
        const answering = intervention === undefined ? answeringPart : interveningPart
        const submitted = supervisor.submit(answering, { kind: 'answer', ...work }, push)
        job = submitted
        const { budgetMs } = request
        return (await waitFor(submitted.promise, {
          signal,
          ...(budgetMs === undefined ? {} : { budgetMs }),
          state: () => job?.state ?? 'settled',
          leave: () => supervisor.cancel(submitted),
        })) as Finished
      }
      const early: TextDelta[] = []
      let push = (delta: TextDelta): void => void early.push(delta)
      const finished = write((delta) => push(delta))
      // Who only iterates hears of an error there.
      finished.catch(() => {})
      const stream = generationStream(finished, leave)
      push = stream.push
      for (const delta of early) stream.push(delta)
      return stream.generation
    },
  }
}

/** A prompt counts as having a token for 16 characters at the least: what is longer is not sent to be counted. */
function leastTokens(messages: readonly ChatMessage[]): number {
  return Math.ceil(messages.reduce((sum, { content }) => sum + content.length, 0) / CHARACTERS_PER_TOKEN)
}

/** @throws `PARAPET_MODEL_CONTEXT_EXCEEDED` for a conversation that need not be counted to be too long */
function checkContext(
  messages: readonly ChatMessage[],
  maxNewTokens: number,
  { id: model, contextTokens }: DecoderManifest,
): void {
  const promptTokens = leastTokens(messages)
  if (promptTokens <= contextTokens) return
  throw fault('PARAPET_MODEL_CONTEXT_EXCEEDED', { model, promptTokens, maxNewTokens, contextTokens })
}

function checkPrefill(prefill: unknown): void {
  if (typeof prefill === 'string') return
  throw fault('PARAPET_RUNTIME_REQUEST_INVALID', {
    field: 'prefill',
    received: typeof prefill,
    expected: 'a string',
  })
}

/** Role and content alone cross the processes. */
function plain(messages: readonly ChatMessage[]): ChatMessage[] {
  return messages.map(({ role, content }) => ({ role, content }))
}

function checkMessages(messages: readonly ChatMessage[]): void {
  const valid =
    Array.isArray(messages) &&
    messages.length > 0 &&
    messages.every((message) => typeof message?.role === 'string' && typeof message.content === 'string')
  if (valid) return
  throw fault('PARAPET_RUNTIME_REQUEST_INVALID', {
    field: 'messages',
    received: Array.isArray(messages) && messages.length === 0 ? 'empty' : 'of another form',
    expected: 'one or more of { role, content }, content a string',
  })
}

function checkGenerate(request: GenerateRequest, manifest: DecoderManifest): void {
  const { contextTokens } = manifest
  checkRequestOptions(request)
  checkMessages(request.messages)
  checkIntervention(request.intervention, manifest)
  const { maxNewTokens, temperature = 0, topP = 1, seed = 0, stop = [] } = request
  const refuse = (field: string, received: unknown, expected: string) =>
    fault('PARAPET_RUNTIME_REQUEST_INVALID', { field, received: String(received), expected })
  if (!Number.isInteger(maxNewTokens) || maxNewTokens < 1 || maxNewTokens > contextTokens) {
    throw refuse('maxNewTokens', maxNewTokens, `a whole number from 1 to ${contextTokens}`)
  }
  if (!Number.isFinite(temperature) || temperature < 0) throw refuse('temperature', temperature, '0 or more')
  if (!(topP > 0 && topP <= 1)) throw refuse('topP', topP, 'above 0, at most 1')
  if (!Number.isInteger(seed)) throw refuse('seed', seed, 'a whole number')
  if (!stop.every((text) => typeof text === 'string' && text !== '')) {
    throw refuse(
      'stop',
      'a list with an empty text or something else in it',
      'texts of one character or more',
    )
  }
}
