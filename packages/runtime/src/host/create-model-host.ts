import type { ModelHost, ModelHostOptions } from './model-host.ts'

/** Makes a model host. Nothing is started until a model of it is asked something. */
export function createModelHost(_options?: ModelHostOptions): ModelHost {
  throw new Error('The model host is being written; only the types stand yet.')
}
