import type {
  LanguageModelV4,
  LanguageModelV4CallOptions,
  LanguageModelV4GenerateResult,
  LanguageModelV4StreamPart,
  LanguageModelV4StreamResult,
} from '@ai-sdk/provider'
import type { Guard } from '@parapet/sdk'
import { answerParts } from './guarded-generate.ts'
import type { ResolvedMiddlewareOptions } from './options.ts'
import { promptWithoutParapet } from './prompt-messages.ts'
import { createShadowWatch, type ShadowWatch } from './shadow-watch.ts'

/** What shadow calls are watched with. */
export interface Shadow {
  readonly guard: Guard
  readonly options: ResolvedMiddlewareOptions
}

/** The call as the provider would get it without a guard: only what is Parapet's own is taken out. */
function asItCame(params: LanguageModelV4CallOptions): LanguageModelV4CallOptions {
  const prompt = promptWithoutParapet(params.prompt)
  if (params.providerOptions === undefined) return { ...params, prompt }
  const { parapet: _, ...providerOptions } = params.providerOptions
  return { ...params, prompt, providerOptions }
}

/** A provider that fails ends the watch. */
async function answered<Result>(answering: PromiseLike<Result>, watch: ShadowWatch): Promise<Result> {
  try {
    return await answering
  } catch (error) {
    await watch.leave()
    throw error
  }
}

/** Asks the provider, judges beside it, and gives its answer as it came, with the id of the decision that would have been. */
export async function shadowGenerate(
  { guard, options }: Shadow,
  params: LanguageModelV4CallOptions,
  model: LanguageModelV4,
): Promise<LanguageModelV4GenerateResult> {
  const answering = model.doGenerate(asItCame(params))
  const watch = createShadowWatch(guard, params, options)
  const result = await answered(answering, watch)
  const parapet = await watch.judge(() => answerParts(result))
  if (!parapet) return result
  return { ...result, providerMetadata: { ...result.providerMetadata, parapet } }
}

/** Asks the provider, and passes its stream as it came, with the id of the decision at its finish. */
export async function shadowStream(
  { guard, options }: Shadow,
  params: LanguageModelV4CallOptions,
  model: LanguageModelV4,
): Promise<LanguageModelV4StreamResult> {
  const answering = model.doStream(asItCame(params))
  const watch = createShadowWatch(guard, params, options)
  const result = await answered(answering, watch)
  const reader = result.stream.getReader()

  const stream = new ReadableStream<LanguageModelV4StreamPart>(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read()
          if (done) {
            await watch.leave()
            return controller.close()
          }
          const parapet = await watch.see(value)
          controller.enqueue(
            value.type === 'finish' && parapet
              ? { ...value, providerMetadata: { ...value.providerMetadata, parapet } }
              : value,
          )
        } catch (error) {
          await watch.leave()
          controller.error(error)
        }
      },
      async cancel(reason) {
        await Promise.all([watch.leave(), reader.cancel(reason)])
      },
    },
    { highWaterMark: 0 },
  )
  return { ...result, stream }
}
