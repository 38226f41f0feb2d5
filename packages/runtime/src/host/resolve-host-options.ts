import { availableParallelism } from 'node:os'
import { fault } from '../errors/codes.ts'
import type { ModelHostOptions } from './model-host.ts'

/** What a host runs with where its maker says nothing. */
export const DEFAULT_MODEL_HOST_OPTIONS: Required<ModelHostOptions> = {
  maxQueue: 64,
  threads: Math.min(2, availableParallelism()),
  isolation: 'process',
  loadTimeoutMs: 60_000,
  unresponsiveMs: 10_000,
  maxGenerations: 4,
  sharedPrefillTokens: 0,
  maxHeapMb: 512,
}

/** Completes and checks a host's options. @throws `PARAPET_RUNTIME_OPTION_INVALID` */
export function resolveHostOptions(options: ModelHostOptions = {}): Required<ModelHostOptions> {
  for (const option of Object.keys(options)) {
    if (Object.hasOwn(DEFAULT_MODEL_HOST_OPTIONS, option)) continue
    const expected = `one of ${Object.keys(DEFAULT_MODEL_HOST_OPTIONS).join(', ')}`
    throw fault('PARAPET_RUNTIME_OPTION_INVALID', { option, received: 'not an option', expected })
  }
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
  const resolved: Required<ModelHostOptions> = { ...DEFAULT_MODEL_HOST_OPTIONS, ...given }
  for (const [option, value] of Object.entries(resolved)) {
    if (option === 'isolation') continue
    const least = option === 'sharedPrefillTokens' ? 0 : 1
    if (Number.isInteger(value) && (value as number) >= least) continue
    throw fault('PARAPET_RUNTIME_OPTION_INVALID', {
      option,
      received: String(value),
      expected: `a whole number of ${least} or more`,
    })
  }
  if (resolved.isolation !== 'process' && resolved.isolation !== 'none') {
    throw fault('PARAPET_RUNTIME_OPTION_INVALID', {
      option: 'isolation',
      received: String(resolved.isolation),
      expected: `'process' or 'none'`,
    })
  }
  return resolved
}
