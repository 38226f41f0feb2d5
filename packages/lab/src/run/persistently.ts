import { setTimeout as sleep } from 'node:timers/promises'
import { isRuntimeError } from '@parapet/runtime'

/** Milliseconds before each further try. */
const PAUSES_MS = [200, 1_000, 5_000]

/**
 * Asks a model again after a fault that passes: a run of some thousand passes shall not end because the machine was busy once, or
 * because a host was replaced. What is wrong with the request or the model is thrown at once.
 */
export async function persistently<Result>(ask: () => Promise<Result>): Promise<Result> {
  for (const pauseMs of PAUSES_MS) {
    try {
      return await ask()
    } catch (error) {
      if (!passes(error)) throw error
      await sleep(pauseMs)
    }
  }
  return ask()
}

/** A template's time is that of the clock: a busy machine can use it up for a template that ended in time before. */
const passes = (error: unknown): boolean =>
  isRuntimeError(error) && (error.retryable || error.code === 'PARAPET_MODEL_TEMPLATE_TIMEOUT')
