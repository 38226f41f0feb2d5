import { basename, isAbsolute } from 'node:path'
import type {
  LanguageModelV4,
  LanguageModelV4CallOptions,
  LanguageModelV4GenerateResult,
  LanguageModelV4StreamPart,
} from '@ai-sdk/provider'
import type { DecoderModel, Intervention, ModelHost } from '@parapet/runtime'
import { generateRequest } from './generate-request.ts'
import { finishOf, generationStream, usageOf } from './generation-stream.ts'
import { loadRuntime } from './load-runtime.ts'
import { type LocalModelOptions, resolveLocalModelOptions } from './options.ts'
import { interventionOf, steeringOf } from './steering.ts'

/** A language model that runs on this machine. */
export interface LocalModel extends LanguageModelV4 {
  /** Whether it was given its refusal direction, so that rules which steer turn its answer. */
  readonly steerable: boolean
  /** Loads the model and runs it once. */
  warm(): Promise<void>
  /** Ends the model's own host; one that was given stays. */
  close(): Promise<void>
}

interface Opened {
  readonly decoder: DecoderModel
  readonly host: ModelHost
}

/**
 * Opens a chat model (a weights package, a folder, or `hf:owner/name` of a hub) as a language model of the AI SDK. Nothing
 * is fetched or loaded until it is asked; it computes in a model host, beside the app's thread. Greedy unless the call
 * sets a temperature.
 *
 * It answers text with text: tools and structured output give a warning, media and tool results are refused.
 * @throws PARAPET_ADAPTER_OPTIONS; calls reject with PARAPET_ADAPTER_UNSUPPORTED, PARAPET_ADAPTER_PEER_MISSING and the
 * PARAPET_RUNTIME_…, PARAPET_MODEL_… and PARAPET_HUB_… errors of `@parapet/runtime`
 */
export function localModel(options: LocalModelOptions): LocalModel {
  const {
    model,
    host: given,
    hostOptions,
    maxOutputTokens,
    direction,
    ...named
  } = resolveLocalModelOptions(options)
  const steerable = direction !== undefined
  const isFolder = isAbsolute(model) || model.startsWith('.')
  const modelId = named.modelId ?? (isFolder ? basename(model) : model)
  let opening: Promise<Opened> | undefined
  let closed = false

  async function open(): Promise<Opened> {
    const runtime = await loadRuntime()
    const folder = await runtime.resolveModel(model, undefined, 'decoder')
    const host = given ?? runtime.createModelHost(hostOptions)
    if (closed && !given) await host.close()
    return { decoder: host.decoder(folder), host }
  }

  /** Opens once; a failure is not remembered. */
  async function opened(): Promise<Opened> {
    opening ??= open()
    const attempt = opening
    try {
      return await attempt
    } catch (error) {
      if (opening === attempt) opening = undefined
      throw error
    }
  }

  async function interventionFor(call: LanguageModelV4CallOptions): Promise<Intervention | undefined> {
    const steering = steeringOf(call, steerable)
    if (!steering || !direction) return undefined
    const vector = typeof direction === 'function' ? await direction() : direction
    return interventionOf(vector, steering.strength)
  }

  async function begin(call: LanguageModelV4CallOptions) {
    const controller = new AbortController()
    const signal = call.abortSignal
      ? AbortSignal.any([call.abortSignal, controller.signal])
      : controller.signal
    signal.throwIfAborted()
    const { request, warnings } = generateRequest(call, maxOutputTokens)
    const intervention = await interventionFor(call)
    const { decoder } = await opened()
    const generation = decoder.generate({ ...request, signal, ...(intervention ? { intervention } : {}) })
    // Whoever iterates hears of a failure there.
    generation.finished.catch(() => undefined)
    return { generation, warnings, signal, abort: (reason: unknown) => controller.abort(reason) }
  }

  return {
    specificationVersion: 'v4',
    provider: 'parapet.local',
    modelId,
    supportedUrls: {},
    steerable,

    async doGenerate(call): Promise<LanguageModelV4GenerateResult> {
      const { generation, warnings, signal } = await begin(call)
      try {
        const finished = await generation.finished
        return {
          content: [{ type: 'text', text: finished.text }],
          finishReason: finishOf(finished),
          usage: usageOf(finished),
          warnings,
          response: { timestamp: new Date(), modelId },
        }
      } catch (error) {
        signal.throwIfAborted()
        throw error
      }
    },

    async doStream(call) {
      const { generation, warnings, signal, abort } = await begin(call)
      const before: LanguageModelV4StreamPart[] = [
        { type: 'stream-start', warnings },
        { type: 'response-metadata', timestamp: new Date(), modelId },
      ]
      return { stream: generationStream(generation, before, { signal, abort }) }
    },

    async warm() {
      const { decoder } = await opened()
      await decoder.warm({ generate: true })
    },

    async close() {
      closed = true
      if (given || !opening) return
      const host = await opening.then(
        (state) => state.host,
        () => undefined,
      )
      await host?.close()
    },
  }
}
