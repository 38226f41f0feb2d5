import type { LanguageModelV4CallOptions } from '@ai-sdk/provider'
import type { Intervention } from '@parapet/runtime'
import { z } from 'zod'
import { STEERING_OPTIONS } from '../answer/steering-options.ts'
import { adapterError } from '../errors/codes.ts'
import type { SteeringVector } from './options.ts'

const schema = z.strictObject({ steer: z.strictObject({ strength: z.number().gt(0).max(4) }).optional() })

/**
 * How strongly a call asks for the direction, by its `providerOptions.parapetLocal`.
 * @throws PARAPET_ADAPTER_CONTEXT_INVALID; PARAPET_ADAPTER_UNSUPPORTED where the model has no direction: an answer that was
 * to be steered is never given unsteered
 */
export function steeringOf(
  { providerOptions }: LanguageModelV4CallOptions,
  steerable: boolean,
): { readonly strength: number } | undefined {
  const given = providerOptions?.[STEERING_OPTIONS]
  if (given === undefined) return undefined
  const parsed = schema.safeParse(given)
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'it'}: ${message}`)
    throw adapterError('PARAPET_ADAPTER_CONTEXT_INVALID', {
      where: `providerOptions.${STEERING_OPTIONS}`,
      problems,
    })
  }
  const { steer } = parsed.data
  if (steer && !steerable)
    throw adapterError('PARAPET_ADAPTER_UNSUPPORTED', {
      feature: 'steering',
      instead: 'Give localModel the direction of its model.',
    })
  return steer
}

/** The direction, added so often at its block. */
export function interventionOf({ vector, block }: SteeringVector, strength: number): Intervention {
  return { add: { vector, block, strength } }
}
