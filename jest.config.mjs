/** Tests run on the sources: the condition `@parapet/source` resolves our packages to their `src`. */
export default {
  testMatch: ['<rootDir>/packages/*/src/**/*.test.ts', '<rootDir>/packages/*/test/**/*.test.ts', '<rootDir>/examples/**/*.test.ts', '<rootDir>/test/**/*.test.ts'],
  transform: {
    '\\.ts$': ['@swc/jest', { jsc: { parser: { syntax: 'typescript' }, target: 'es2023' }, module: { type: 'es6' }, sourceMaps: 'inline' }],
  },
  extensionsToTreatAsEsm: ['.ts'],
  testEnvironmentOptions: { customExportConditions: ['@parapet/source', 'node', 'node-addons', 'import'] },
  modulePathIgnorePatterns: ['/dist/', '/node_modules/.cache/'],
  testTimeout: 30_000,
  maxWorkers: 2,
}
