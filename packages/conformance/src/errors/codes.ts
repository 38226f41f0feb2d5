import { entry, errorsOf } from '@parapet/sdk'

/** Every error of the conformance kit. Documented in `docs/errors.md`. */
export const CONFORMANCE_ERRORS = {
  PARAPET_CONFORMANCE_LISTEN: entry<{ host: string; port: number }>(
    ({ host, port }) =>
      `The kit cannot listen on ${host}:${port}. Expected a free port on this machine: end what listens there, or choose another.`,
  ),
  PARAPET_CONFORMANCE_NOT_DRIVEN: entry<{ target: string; problem: string }>(
    ({ target, problem }) =>
      `Nothing can be said of ${target}: ${problem}. Expected the guard to call the kit's provider and to ask the kit's check. docs/conformance.md says how to set up one.`,
  ),
  PARAPET_CONFORMANCE_PEER_MISSING: entry<{ target: string; peers: string }>(
    ({ target, peers }) =>
      `The target ${target} needs packages that cannot be loaded. Install them: npm install ${peers}`,
  ),
  PARAPET_CONFORMANCE_UNKNOWN: entry<{ kind: 'row' | 'target'; known: readonly string[] }>(
    ({ kind, known }) => `There is no such ${kind}. Expected one of: ${known.join(', ')}.`,
  ),
} as const

/** Builds an error of this package: `conformanceError('PARAPET_CONFORMANCE_…', details)`. */
export const conformanceError = errorsOf(CONFORMANCE_ERRORS)
