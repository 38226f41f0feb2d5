import { type ChatMessage, type Intervention, isRuntimeError, type ReadSite } from '@parapet/runtime'
import { persistently } from '../run/persistently.ts'
import type { FitContext, Kind } from './fit-context.ts'

/** A prompt of the run, by its place in its file. */
export interface Asked {
  readonly kind: Kind
  readonly index: number
}

/** What tells one prompt of the run from another. */
export const keyOfAsked = ({ kind, index }: Asked): string => `${kind} ${index}`

/** The conversation that a prompt is asked in. */
export function messagesOf({ options }: FitContext, { kind, index }: Asked): ChatMessage[] {
  const request: ChatMessage = { role: 'user', content: options[kind].texts[index] ?? '' }
  return options.system === undefined ? [request] : [{ role: 'system', content: options.system }, request]
}

const aborting = ({ options }: FitContext) => (options.signal ? { signal: options.signal } : {})

/**
 * The logits of the first answer token, float32[vocabulary]; undefined where the prompt does not fit into the model's context. A model
 * that breaks under an intervention gives NaN: that speaks against the intervention, and is no fault of the run.
 */
export async function firstLogits(
  context: FitContext,
  asked: Asked,
  intervention?: Intervention,
): Promise<Float32Array | undefined> {
  try {
    const { logits } = await persistently(() =>
      context.model.firstToken({
        messages: messagesOf(context, asked),
        ...(intervention ? { intervention: { spare: context.options.spare, ...intervention } } : {}),
        ...aborting(context),
      }),
    )
    return logits
  } catch (error) {
    if (isTooLong(error)) return undefined
    if (intervention && isBroken(error))
      return new Float32Array(context.model.manifest.vocabulary).fill(Number.NaN)
    throw error
  }
}

const isBroken = (error: unknown): boolean =>
  isRuntimeError(error) && error.code === 'PARAPET_MODEL_OUTPUT_MALFORMED'

const isTooLong = (error: unknown): boolean =>
  isRuntimeError(error) && error.code === 'PARAPET_MODEL_CONTEXT_EXCEEDED'

/** Rows of activations, float32[hidden] for each site; undefined and NaN as with `firstLogits`. */
export async function activations(
  context: FitContext,
  asked: Asked,
  sites: readonly ReadSite[],
  intervention?: Intervention,
): Promise<readonly Float32Array[] | undefined> {
  try {
    const reading = await persistently(() =>
      context.model.read({
        messages: messagesOf(context, asked),
        sites,
        ...(intervention ? { intervention: { spare: context.options.spare, ...intervention } } : {}),
        ...aborting(context),
      }),
    )
    return reading.kind === 'read' ? reading.rows : undefined
  } catch (error) {
    if (!(intervention && isBroken(error))) throw error
    return sites.map(() => new Float32Array(context.model.manifest.hidden).fill(Number.NaN))
  }
}

/** The greedy answer, cut at some tokens; undefined where the prompt and such an answer do not fit into the model's context. */
export async function answerOf(
  context: FitContext,
  asked: Asked,
): Promise<{ text: string; opening: { id: number; text: string } | undefined } | undefined> {
  const answer = persistently(async () => {
    const generation = context.model.generate({
      messages: messagesOf(context, asked),
      maxNewTokens: context.options.answerTokens,
      ...aborting(context),
    })
    let opening: { id: number; text: string } | undefined
    for await (const { tokenId, text } of generation) opening ??= { id: tokenId, text }
    return { text: (await generation.finished).text, opening }
  })
  return answer.catch((error: unknown) => {
    if (isTooLong(error)) return undefined
    throw error
  })
}
