import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'

/**
 * Tests run on the sources: the condition `@parapet/source` resolves our packages to their `src`.
 * No condition `import` here: jest adds it itself for `import`, and `require` must not see it.
 */
export default {
  roots: ['packages', 'examples', 'test']
    .filter((folder) => existsSync(join(import.meta.dirname, folder)))
    .map((folder) => `<rootDir>/${folder}`),
  testMatch: ['**/*.test.ts'],
  transform: {
    '\\.ts$': [
      '@swc/jest',
      {
        swcrc: false,
        jsc: { parser: { syntax: 'typescript' }, target: 'es2024', keepClassNames: true },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
  extensionsToTreatAsEsm: ['.ts'],
  testEnvironmentOptions: { customExportConditions: ['@parapet/source', 'node', 'node-addons'] },
  modulePathIgnorePatterns: ['/dist/', '<rootDir>/packages/models/'],
  watchPathIgnorePatterns: ['/dist/', '/node_modules/', '/\\.parapet/'],
  cacheDirectory: '<rootDir>/node_modules/.cache/jest',
  moduleNameMapper: { '^fast-check$': '<rootDir>/test/seeded-fast-check.mjs' },
  testTimeout: 30_000,
  maxWorkers: Math.max(2, availableParallelism() - 1),
}
