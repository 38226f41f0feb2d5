/**
 * Who may import whom: the table of docs/architecture.md as rules. `test/imports.test.ts` proves that each rule
 * catches what it is for. Sources are parsed with swc, since TypeScript 7 has no JavaScript API.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { join } from 'node:path'
import swcVisitor from '@swc/core/Visitor.js'

/** swc's visitor, which dependency-cruiser walks sources with, throws on `using` declarations: teach it. */
const { visitStatement } = swcVisitor.Visitor.prototype
swcVisitor.Visitor.prototype.visitStatement = function visitStatementOrUsing(statement) {
  if (statement.type !== 'UsingDeclaration') return visitStatement.call(this, statement)
  this.visitVariableDeclarators(statement.decls)
  return statement
}
swcVisitor.Visitor.prototype.visitForOfStatement = function visitForOf(statement) {
  const { left } = statement
  if (left.type === 'VariableDeclaration') this.visitVariableDeclaration(left)
  else if (left.type !== 'UsingDeclaration') this.visitPattern(left)
  this.visitExpression(statement.right)
  this.visitStatement(statement.body)
  return statement
}

/** What each package may import of the others. Models hold weights and import nothing. */
const MAY_IMPORT = {
  sdk: [],
  runtime: [],
  detectors: ['sdk', 'runtime'],
  adapters: ['sdk', 'runtime'],
  lab: ['sdk', 'runtime', 'detectors', 'adapters'],
  console: ['sdk', 'adapters'],
  conformance: ['sdk', 'detectors', 'adapters'],
  parapet: ['sdk', 'runtime', 'detectors', 'adapters', 'lab', 'console', 'conformance'],
}

/** The policy language stays small: pure libraries alone, no model, no database, no provider. */
const SDK_LIBRARIES = [
  'zod',
  '@opentelemetry/api',
  'canonicalize',
  '@streamparser/json',
  'jsonc-parser',
  'entities',
  'lru-cache',
  'eld',
  'fast-check',
]

/** The one client that each adapter's subpath stands for. A new subpath needs a row. */
const ROOM_CLIENTS = {
  'ai-sdk': ['ai', '@ai-sdk/provider'],
  openai: ['openai'],
  anthropic: ['@anthropic-ai/sdk'],
  huggingface: ['@huggingface/inference'],
  function: [],
  mcp: ['@modelcontextprotocol/sdk'],
  tools: [],
  local: ['@parapet/runtime', '@ai-sdk/provider'],
  sqlite: ['node:sqlite'],
  postgres: ['pg', 'pg-boss', 'graphile-worker'],
  webhook: ['standardwebhooks'],
  server: ['hono', '@hono/node-server'],
}

/** Optional peers that a subpath may import as it loads, because nobody imports the subpath without them. */
const EAGER_PEERS = [{ from: '^packages/sdk/src/testing/', peer: 'fast-check' }]

const TEST =
  '([.]test[.]ts|[.]test-d[.]ts|[.]bench[.]ts)$|^packages/[^/]+/(test|bench)/|^(test|bench|scripts)/'
const PACKAGES = folders('packages').filter((name) => existsSync(join('packages', name, 'package.json')))

function folders(path) {
  if (!existsSync(path)) return []
  return readdirSync(path, { withFileTypes: true })
    .filter((found) => found.isDirectory())
    .map((found) => found.name)
}

const manifests = new Map(
  PACKAGES.map((name) => [name, JSON.parse(readFileSync(join('packages', name, 'package.json'), 'utf8'))]),
)

/** Matches a literal text in a regular expression. */
const literal = (text) => text.replace(/[/\\^$.*+?()[\]{}|-]/g, '\\$&')
const anyOf = (texts) => `(${texts.map(literal).join('|')})`

/** A library's files in node_modules, one of our packages' sources, or a builtin of Node. */
function pathOf(library) {
  if (library.startsWith('node:')) return `^(node:)?${literal(library.slice('node:'.length))}$`
  const installed = `(^|/)node_modules/${literal(library)}(/|$)|^${literal(library)}(/|$)`
  if (!library.startsWith('@parapet/')) return installed
  const folder = library.slice('@parapet/'.length).replace(/^model-/, 'models/')
  return `${installed}|^packages/${literal(folder)}/`
}
const pathsOf = (libraries) => libraries.map(pathOf).join('|')

/** The source files that `exports` names: the only ones that another package may reach. */
function entries(name) {
  return Object.values(manifests.get(name).exports ?? {})
    .map((target) => target['@parapet/source'])
    .filter((path) => typeof path === 'string')
    .map((path) => join('packages', name, path))
}

const rooms = [
  ...new Set(
    manifests.has('adapters')
      ? entries('adapters')
          .map((path) => path.split('/')[3])
          .filter((room) => room && !room.endsWith('.ts'))
      : [],
  ),
]
const clients = [...new Set(Object.values(ROOM_CLIENTS).flat())]

const table = PACKAGES.filter((name) => name !== 'models').map((name) => {
  const allowed = [name, ...(MAY_IMPORT[name] ?? [])]
  return {
    name: `table-${name}`,
    comment:
      `packages/${name} may import of ours: ${(MAY_IMPORT[name] ?? []).join(', ') || 'nothing'}. ` +
      'Move the code, or turn the dependency round by an interface in @parapet/sdk.',
    severity: 'error',
    from: { path: `^packages/${name}/` },
    to: { path: '^(packages|examples)/', pathNot: `^packages/${anyOf(allowed)}/` },
  }
})

const lazyPeers = [...manifests].flatMap(([name, manifest]) => {
  const optional = Object.entries(manifest.peerDependenciesMeta ?? {})
    .filter(([, meta]) => meta.optional)
    .map(([peer]) => peer)
  if (optional.length === 0) return []
  return [
    {
      name: `lazy-peers-${name}`,
      comment:
        'An optional peer may be missing: import its types with `import type`, and its values with `import()` ' +
        'in a file load-<peer>.ts that throws PARAPET_<AREA>_PEER_MISSING with the install line.',
      severity: 'error',
      from: {
        path: `^packages/${name}/src/`,
        pathNot: [TEST, '/load-[^/]+[.]ts$', ...EAGER_PEERS.map(({ from }) => from)].join('|'),
      },
      to: { path: pathsOf(optional), dependencyTypesNot: ['type-only'] },
    },
    {
      name: `lazy-loader-${name}`,
      comment: 'A load-<peer>.ts file exists to import its peer with `import()`; a static import defeats it.',
      severity: 'error',
      from: {
        path: [`^packages/${name}/src/load-[^/]+[.]ts$`, `^packages/${name}/src/.*/load-[^/]+[.]ts$`],
        pathNot: TEST,
      },
      to: { path: pathsOf(optional), dynamic: false, dependencyTypesNot: ['type-only'] },
    },
  ]
})

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    {
      name: 'no-cycle',
      comment:
        'Two files that import each other, types included, are one concept or lack a third. Part them.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-unresolvable',
      comment:
        'The import leads nowhere: a wrong path, a package that is not installed, or a deep import past `exports`. The peers of the bench and of the conformance kit are installed by those alone.',
      severity: 'error',
      from: { pathNot: '^(bench|conformance)/peers/' },
      to: { couldNotResolve: true },
    },
    ...table,
    {
      name: 'models-import-nothing',
      comment: 'A weights package is files. Code that reads them lives in runtime and detectors.',
      severity: 'error',
      from: { path: '^packages/models/' },
      to: { path: '.' },
    },
    {
      name: 'no-deep-import',
      comment:
        'Import another package by its name and subpath; only files that its `exports` names are public.',
      severity: 'error',
      from: { path: '^(packages/[^/]+|examples|test|bench|conformance)/' },
      to: {
        path: '^packages/(?!models/)',
        pathNot: [
          '^$1/',
          ...PACKAGES.filter((name) => name !== 'models')
            .flatMap(entries)
            .map((path) => `^${literal(path)}$`),
        ],
      },
    },
    {
      name: 'no-relative-way-out',
      comment: 'A path such as ../../sdk/src/… breaks once the package is installed. Import it by its name.',
      severity: 'error',
      from: { path: '^(packages/[^/]+)/', pathNot: '^packages/[^/]+/bench/' },
      to: {
        path: '^(packages|examples|test|bench|conformance|scripts)/',
        pathNot: '^$1/',
        dependencyTypes: ['local'],
      },
    },
    {
      name: 'adapters-no-cross-vendor',
      comment:
        'Each subpath of adapters stands alone. What two of them need goes into a folder that is no subpath.',
      severity: 'error',
      from: { path: '^packages/adapters/src/([^/]+)', pathNot: TEST },
      to: { path: `^packages/adapters/src/${anyOf(rooms)}/`, pathNot: '^packages/adapters/src/$1/' },
    },
    ...rooms.map((room) => ({
      name: `adapters-client-${room}`,
      comment: `packages/adapters/src/${room} may use these clients: ${(ROOM_CLIENTS[room] ?? []).join(', ') || 'none'}.`,
      severity: 'error',
      from: { path: `^packages/adapters/src/${literal(room)}/`, pathNot: TEST },
      to: {
        path: pathsOf(clients),
        ...(ROOM_CLIENTS[room]?.length > 0 ? { pathNot: pathsOf(ROOM_CLIENTS[room]) } : {}),
      },
    })),
    {
      name: 'adapters-client-outside',
      comment: 'Code that subpaths share knows no client.',
      severity: 'error',
      from: { path: '^packages/adapters/src/', pathNot: [TEST, `^packages/adapters/src/${anyOf(rooms)}/`] },
      to: { path: pathsOf(clients) },
    },
    {
      name: 'sdk-stays-small',
      comment: `packages/sdk may use ${SDK_LIBRARIES.join(', ')}: no model, no database, no provider.`,
      severity: 'error',
      from: { path: '^packages/sdk/src/', pathNot: TEST },
      to: { path: '(^|/)node_modules/', pathNot: pathsOf(SDK_LIBRARIES) },
    },
    {
      name: 'database-in-its-adapter',
      comment: 'A database is opened by its queue adapter alone.',
      severity: 'error',
      from: { path: '^packages/', pathNot: [TEST, '^packages/adapters/src/(sqlite|postgres)/'] },
      to: { path: pathsOf(['node:sqlite', 'pg']) },
    },
    {
      name: 'onnx-in-runtime',
      comment: 'Models run in the hosts of @parapet/runtime and nowhere else.',
      severity: 'error',
      from: { path: '^packages/', pathNot: [TEST, '^packages/runtime/'] },
      to: { path: pathsOf(['onnxruntime-node']) },
    },
    {
      name: 'declared-dependency',
      comment:
        "What shipped code imports is among the package's own dependencies or peers, not just installed by chance.",
      severity: 'error',
      from: { path: '^packages/[^/]+/src/', pathNot: TEST },
      to: {
        path: '(^|/)node_modules/',
        dependencyTypesNot: ['npm', 'npm-peer', 'npm-optional'],
      },
    },
    {
      name: 'no-tests-in-code',
      comment: 'Shipped code imports no test, no bench and no `./testing` subpath.',
      severity: 'error',
      from: { path: '^packages/[^/]+/src/', pathNot: [TEST, '/src/testing/'] },
      to: { path: [TEST, '^packages/[^/]+/src/testing/'] },
    },
    ...lazyPeers,
  ],
  options: {
    parser: 'swc',
    tsPreCompilationDeps: true,
    combinedDependencies: false,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^packages/[^/]+/dist/|/__fixtures__/' },
    builtInModules: {
      add: ['node:sqlite', 'sqlite', 'node:test'].filter((name) => !builtinModules.includes(name)),
    },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['@parapet/source', 'node', 'import', 'default'],
      extensions: ['.ts', '.mts', '.js', '.mjs', '.cjs', '.json'],
    },
  },
}
