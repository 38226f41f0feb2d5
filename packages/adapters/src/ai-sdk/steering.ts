import type { LanguageModelV4, LanguageModelV4CallOptions } from '@ai-sdk/provider'
import type { Steering } from '@parapet/sdk'
import { STEERING_OPTIONS } from '../answer/steering-options.ts'

/**
 * Whether a model can answer with its refusal direction added: a local model that was given a direction. A middleware
 * between it and the guard hides that, and then a rule that steers blocks.
 */
export function isSteerable(model: LanguageModelV4): boolean {
  return 'steerable' in model && model.steerable === true
}

/** The call as a steerable model takes it. What the caller asked for itself gives way. */
export function steered(
  params: LanguageModelV4CallOptions,
  steering: Steering | undefined,
): LanguageModelV4CallOptions {
  if (!steering) return params
  const { strength } = steering
  return {
    ...params,
    providerOptions: { ...params.providerOptions, [STEERING_OPTIONS]: { steer: { strength } } },
  }
}
