export { type MeasurementTap, measurementTap } from './measurement-tap.ts'
export {
  DEFAULT_SERVER_OPTIONS,
  DEFAULT_UPSTREAM_OPTIONS,
  type ServerOptions,
  type UpstreamOptions,
} from './options.ts'
export { DEFAULT_SERVE_OPTIONS, type RunningServer, type ServeOptions, serve } from './serve.ts'
export { createServerApp, type ServerApp } from './server-app.ts'
export { parseServerKeys, type ServerKey } from './server-keys.ts'
