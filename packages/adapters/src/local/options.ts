import type { ModelHost, ModelHostOptions } from '@parapet/runtime'
import { z } from 'zod'
import { adapterError } from '../errors/codes.ts'

/** How a local model is opened. */
export interface LocalModelOptions {
  /**
   * A weights package (`@parapet/model-sentinel`), its folder (an absolute path, or one that begins with `.`), or
   * `hf:owner/name@revision#dtype` of the Hugging Face hub.
   */
  readonly model: string
  /** The host it runs in, to be shared with detectors. @default a host of its own, ended by `close()` */
  readonly host?: ModelHost
  /** How its own host is run. Not with `host`. */
  readonly hostOptions?: ModelHostOptions
  /** The most tokens of an answer where the call says nothing, at least 1. @default 256 */
  readonly maxOutputTokens?: number
  /** The name that telemetry and results carry. @default the package's name, or the last name of the folder's path */
  readonly modelId?: string
}

/** What a local model does when it is told nothing. */
export const DEFAULT_LOCAL_MODEL_OPTIONS = { maxOutputTokens: 256 } as const

const object = <Value extends object>() =>
  z.custom<Value>((value) => typeof value === 'object' && value !== null, 'expected an object')

const schema = z
  .strictObject({
    model: z.string().min(1),
    host: object<ModelHost>().optional(),
    hostOptions: object<ModelHostOptions>().optional(),
    maxOutputTokens: z.int().min(1).default(DEFAULT_LOCAL_MODEL_OPTIONS.maxOutputTokens),
    modelId: z.string().min(1).optional(),
  })
  .refine(({ host, hostOptions }) => !(host && hostOptions), 'hostOptions are for a host of its own')

/** The options with their defaults. @throws PARAPET_ADAPTER_OPTIONS */
export function resolveLocalModelOptions(options: LocalModelOptions) {
  const checked = schema.safeParse(options)
  if (checked.success) return checked.data
  const problems = checked.error.issues.map(({ path, message }) => `${path.join('.') || 'it'}: ${message}`)
  throw adapterError('PARAPET_ADAPTER_OPTIONS', { adapter: 'localModel', problems })
}
