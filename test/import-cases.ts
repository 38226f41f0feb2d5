/** A small tree of packages in which each file keeps or breaks the rules of `.dependency-cruiser.mjs`. */

/** A file, and the rules that it breaks. */
export interface ImportCase {
  readonly path: string
  readonly source: string
  readonly breaks: readonly string[]
}

export const IMPORT_CASES: readonly ImportCase[] = [
  // What is allowed.
  { path: 'packages/sdk/src/index.ts', source: `export { a } from './a.ts'\nimport 'zod'`, breaks: [] },
  { path: 'packages/sdk/src/a.ts', source: `export const a = 1\nexport type A = number`, breaks: [] },
  { path: 'packages/sdk/src/testing/index.ts', source: `import 'fast-check'\nimport '../a.ts'`, breaks: [] },
  {
    path: 'packages/sdk/src/a.test.ts',
    source: `import './testing/index.ts'\nimport 'fast-check'`,
    breaks: [],
  },
  {
    path: 'packages/runtime/src/index.ts',
    source: `export type { Session } from './load-onnx.ts'`,
    breaks: [],
  },
  {
    path: 'packages/runtime/src/load-onnx.ts',
    source: `import type { S } from 'onnxruntime-node'\nexport type Session = S\nexport const load = () => import('onnxruntime-node')`,
    breaks: [],
  },
  {
    path: 'packages/detectors/src/index.ts',
    source: `import '@parapet/sdk'\nimport '@parapet/runtime'`,
    breaks: [],
  },
  { path: 'packages/adapters/src/shared/sse.ts', source: `import '@parapet/sdk'`, breaks: [] },
  {
    path: 'packages/adapters/src/ai-sdk/index.ts',
    source: `import type { M } from '@ai-sdk/provider'\nimport '../shared/sse.ts'\nexport type N = M`,
    breaks: [],
  },
  { path: 'packages/adapters/src/openai/index.ts', source: `export {}`, breaks: [] },
  { path: 'packages/adapters/src/sqlite/index.ts', source: `import 'node:sqlite'`, breaks: [] },
  {
    path: 'packages/adapters/src/local/index.ts',
    source: `import type {} from '@parapet/runtime'`,
    breaks: [],
  },
  {
    path: 'packages/adapters/src/local/load-runtime.ts',
    source: `export const load = () => import('@parapet/runtime')`,
    breaks: [],
  },
  {
    path: 'packages/parapet/src/index.ts',
    source: `import '@parapet/adapters/sqlite'\nimport '@parapet/detectors'`,
    breaks: [],
  },
  { path: 'examples/src/demo.ts', source: `import 'parapet'\nimport '@parapet/sdk'`, breaks: [] },
  { path: 'bench/figure.ts', source: 'export {}', breaks: [] },
  {
    path: 'packages/sdk/bench/gate.ts',
    source: `import '../../../bench/figure.ts'\nimport '../src/a.ts'`,
    breaks: [],
  },
  // What is not.
  { path: 'packages/sdk/src/cycle-a.ts', source: `import './cycle-b.ts'`, breaks: ['no-cycle'] },
  // A cycle is reported once, at the file it was first met.
  { path: 'packages/sdk/src/cycle-b.ts', source: `import type {} from './cycle-a.ts'`, breaks: [] },
  { path: 'packages/sdk/src/nowhere.ts', source: `import './not-there.ts'`, breaks: ['no-unresolvable'] },
  {
    path: 'packages/detectors/src/past-exports.ts',
    source: `import '@parapet/sdk/src/a.ts'`,
    breaks: ['no-unresolvable'],
  },
  { path: 'packages/sdk/src/up.ts', source: `import '@parapet/runtime'`, breaks: ['table-sdk'] },
  {
    path: 'packages/sdk/src/up-later.ts',
    source: `export async function f() { return await import('@parapet/detectors') }`,
    breaks: ['table-sdk'],
  },
  {
    path: 'packages/sdk/src/up-using.ts',
    source: `export async function f() {\n  await using a = await import('@parapet/runtime')\n  for (using b of []) await import('@parapet/detectors')\n}`,
    breaks: ['table-sdk'],
  },
  {
    path: 'packages/sdk/src/up-type.ts',
    source: `import type {} from '@parapet/runtime'`,
    breaks: ['table-sdk'],
  },
  { path: 'packages/sdk/src/up.test.ts', source: `import '@parapet/adapters/sqlite'`, breaks: ['table-sdk'] },
  { path: 'packages/runtime/src/side.ts', source: `import '@parapet/sdk'`, breaks: ['table-runtime'] },
  {
    path: 'packages/detectors/src/side.ts',
    source: `import '@parapet/adapters/ai-sdk'`,
    breaks: ['table-detectors'],
  },
  {
    path: 'packages/adapters/src/shared/side.ts',
    source: `import '@parapet/detectors'`,
    breaks: ['table-adapters'],
  },
  {
    path: 'packages/parapet/src/out.ts',
    source: `import '../../../examples/src/demo.ts'`,
    breaks: ['table-parapet', 'no-relative-way-out'],
  },
  { path: 'packages/models/tiny/index.ts', source: `import 'node:fs'`, breaks: ['models-import-nothing'] },
  {
    path: 'packages/detectors/src/deep.ts',
    source: `import '../../sdk/src/a.ts'`,
    breaks: ['no-deep-import', 'no-relative-way-out'],
  },
  {
    path: 'packages/detectors/src/way-out.ts',
    source: `import '../../sdk/src/index.ts'`,
    breaks: ['no-relative-way-out'],
  },
  {
    path: 'packages/adapters/src/openai/hop.ts',
    source: `export * from '../ai-sdk/index.ts'`,
    breaks: ['adapters-no-cross-vendor'],
  },
  {
    path: 'packages/adapters/src/shared/hop.ts',
    source: `import '../sqlite/index.ts'`,
    breaks: ['adapters-no-cross-vendor'],
  },
  {
    path: 'packages/adapters/src/openai/client.ts',
    source: `import type {} from 'ai'`,
    breaks: ['adapters-client-openai'],
  },
  {
    path: 'packages/adapters/src/ai-sdk/client.ts',
    source: `import type {} from 'openai'`,
    breaks: ['adapters-client-ai-sdk'],
  },
  {
    path: 'packages/adapters/src/sqlite/client.ts',
    source: `import type {} from 'openai'`,
    breaks: ['adapters-client-sqlite'],
  },
  {
    path: 'packages/adapters/src/local/client.ts',
    source: `import type {} from 'openai'`,
    breaks: ['adapters-client-local'],
  },
  {
    path: 'packages/adapters/src/shared/client.ts',
    source: `import type {} from 'openai'`,
    breaks: ['adapters-client-outside'],
  },
  {
    path: 'packages/sdk/src/provider.ts',
    source: `import 'openai'`,
    breaks: ['sdk-stays-small', 'declared-dependency'],
  },
  {
    path: 'packages/sdk/src/database.ts',
    source: `import 'node:sqlite'`,
    breaks: ['database-in-its-adapter'],
  },
  {
    path: 'packages/detectors/src/model.ts',
    source: `import 'onnxruntime-node'`,
    breaks: ['onnx-in-runtime', 'declared-dependency'],
  },
  { path: 'packages/detectors/src/by-chance.ts', source: `import 'openai'`, breaks: ['declared-dependency'] },
  { path: 'packages/sdk/src/test-in-code.ts', source: `import './a.test.ts'`, breaks: ['no-tests-in-code'] },
  {
    path: 'packages/sdk/src/testing-in-code.ts',
    source: `import './testing/index.ts'`,
    breaks: ['no-tests-in-code'],
  },
  {
    path: 'packages/runtime/src/eager.ts',
    source: `import 'onnxruntime-node'`,
    breaks: ['lazy-peers-runtime'],
  },
  {
    path: 'packages/runtime/src/load-eager.ts',
    source: `import 'onnxruntime-node'`,
    breaks: ['lazy-loader-runtime'],
  },
  {
    path: 'packages/runtime/src/lazy-in-place.ts',
    source: `export const f = () => import('onnxruntime-node')`,
    breaks: ['lazy-peers-runtime'],
  },
  { path: 'packages/adapters/src/ai-sdk/eager.ts', source: `import 'ai'`, breaks: ['lazy-peers-adapters'] },
  {
    path: 'packages/adapters/src/ai-sdk/load-eager.ts',
    source: `import 'ai'`,
    breaks: ['lazy-loader-adapters'],
  },
  { path: 'packages/sdk/src/eager.ts', source: `import 'fast-check'`, breaks: ['lazy-peers-sdk'] },
  { path: 'packages/sdk/src/load-eager.ts', source: `import 'fast-check'`, breaks: ['lazy-loader-sdk'] },
  {
    path: 'packages/detectors/src/eager.ts',
    source: `import '@parapet/model-tiny'`,
    breaks: ['lazy-peers-detectors'],
  },
  {
    path: 'packages/detectors/src/load-eager.ts',
    source: `import '@parapet/model-tiny'`,
    breaks: ['lazy-loader-detectors'],
  },
]
