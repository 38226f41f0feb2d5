import type { HubOptions } from '@parapet/runtime'
import { type Streams, usage } from '../../command.ts'

/** A call of `parapet model`, its options read. */
export interface ModelCall {
  readonly reference: string | undefined
  readonly values: ModelValues
  readonly streams: Streams
}

export interface ModelValues {
  readonly json: boolean
  readonly file?: string | undefined
  readonly files?: string | undefined
  readonly cache?: string | undefined
  readonly endpoint?: string | undefined
  readonly offline?: boolean | undefined
  readonly 'max-bytes'?: string | undefined
  readonly unfinished: boolean
}

/** What of the options belongs to the hub and its cache. @throws PARAPET_CLI_USAGE */
export function hubOptionsOf({ cache, endpoint, offline, 'max-bytes': most }: ModelValues): HubOptions {
  const maxBytes = most === undefined ? undefined : Number(most)
  if (maxBytes !== undefined && !(Number.isSafeInteger(maxBytes) && maxBytes >= 1))
    throw usage('model', '--max-bytes takes a whole number of 1 or more.')
  return {
    ...(cache === undefined ? {} : { cacheFolder: cache }),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(offline === undefined ? {} : { offline }),
    ...(maxBytes === undefined ? {} : { maxBytes }),
  }
}

/** Where the cache is. */
export function cacheOf({ cache }: ModelValues): Pick<HubOptions, 'cacheFolder'> {
  return cache === undefined ? {} : { cacheFolder: cache }
}
