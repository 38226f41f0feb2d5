import type { ModelHost, ModelHostOptions } from '@parapet/runtime'
import { z } from 'zod'
import { adapterError } from '../errors/codes.ts'

/** A vector that a local model's residual stream can be turned by: its refusal direction. */
export interface SteeringVector {
  /** float32[hidden], finite and of a length above 0, not normalised: mean over harmful requests − mean over harmless ones. */
  readonly vector: Float32Array
  /** The block at whose input it is added, counted from 0. */
  readonly block: number
}

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
  /**
   * The refusal direction of this very model (`refusalVector` of `@parapet/detectors` reads it from its package), or what
   * loads it. With it a policy's `steer` rules turn the answer; without it they block. @default none
   */
  readonly direction?: SteeringVector | (() => Promise<SteeringVector>)
}

/** What a local model does when it is told nothing. */
export const DEFAULT_LOCAL_MODEL_OPTIONS = { maxOutputTokens: 256 } as const

const object = <Value extends object>() =>
  z.custom<Value>((value) => typeof value === 'object' && value !== null, 'expected an object')

/** A vector of zeros would turn no answer, and nobody would see it. */
const isDirection = (vector: Float32Array): boolean =>
  vector.every(Number.isFinite) && vector.some((value) => value !== 0)

function isSteeringVector(value: unknown): value is SteeringVector {
  if (typeof value !== 'object' || value === null) return false
  const { vector, block } = value as Partial<SteeringVector>
  return (
    vector instanceof Float32Array && isDirection(vector) && Number.isInteger(block) && (block ?? -1) >= 0
  )
}

const schema = z
  .strictObject({
    model: z.string().min(1),
    host: object<ModelHost>().optional(),
    hostOptions: object<ModelHostOptions>().optional(),
    maxOutputTokens: z.int().min(1).default(DEFAULT_LOCAL_MODEL_OPTIONS.maxOutputTokens),
    modelId: z.string().min(1).optional(),
    direction: z
      .custom<NonNullable<LocalModelOptions['direction']>>(
        (value) => typeof value === 'function' || isSteeringVector(value),
        'expected { vector: Float32Array of finite numbers, not all 0; block: 0 or more }, or what loads it',
      )
      .optional(),
  })
  .refine(({ host, hostOptions }) => !(host && hostOptions), 'hostOptions are for a host of its own')

/** The options with their defaults. @throws PARAPET_ADAPTER_OPTIONS */
export function resolveLocalModelOptions(options: LocalModelOptions) {
  const checked = schema.safeParse(options)
  if (checked.success) return checked.data
  const problems = checked.error.issues.map(({ path, message }) => `${path.join('.') || 'it'}: ${message}`)
  throw adapterError('PARAPET_ADAPTER_OPTIONS', { adapter: 'localModel', problems })
}
