import { spawnSync } from 'node:child_process'
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { IMPORT_CASES } from './import-cases.ts'

const ROOT = dirname(import.meta.dirname)
const CRUISER = join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs')
const CONFIG = join(ROOT, '.dependency-cruiser.mjs')

interface Cruise {
  readonly modules: readonly {
    readonly source: string
    readonly dependencies: readonly { readonly module: string }[]
  }[]
  readonly summary: {
    readonly violations: readonly { readonly from: string; readonly rule: { readonly name: string } }[]
    readonly ruleSetUsed: { readonly forbidden: readonly { readonly name: string }[] }
  }
}

function cruise(cwd: string, folders: readonly string[]): Cruise {
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [CRUISER, ...folders, '--config', CONFIG, '--output-type', 'json'],
    { cwd, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 },
  )
  if (!stdout.startsWith('{')) throw new Error(`dependency-cruiser gave no JSON:\n${stderr}`)
  return JSON.parse(stdout) as Cruise
}

const room = (name: string) => ({
  '@parapet/source': `./src/${name}/index.ts`,
  default: `./dist/${name}/index.js`,
})
const root = { '@parapet/source': './src/index.ts', default: './dist/index.js' }

/** The packages as they are published, cut to what the rules read. */
const MANIFESTS = {
  'packages/sdk': {
    name: '@parapet/sdk',
    exports: { '.': root, './testing': room('testing') },
    dependencies: ['zod'],
    peers: ['fast-check'],
  },
  'packages/runtime': {
    name: '@parapet/runtime',
    exports: { '.': root },
    dependencies: [],
    peers: ['onnxruntime-node'],
  },
  'packages/detectors': {
    name: '@parapet/detectors',
    exports: { '.': root },
    dependencies: ['@parapet/sdk', '@parapet/runtime'],
    peers: ['@parapet/model-tiny'],
  },
  'packages/adapters': {
    name: '@parapet/adapters',
    exports: {
      './ai-sdk': room('ai-sdk'),
      './openai': room('openai'),
      './sqlite': room('sqlite'),
      './local': room('local'),
    },
    dependencies: ['@parapet/sdk'],
    peers: ['ai', '@ai-sdk/provider', 'openai', '@parapet/runtime'],
  },
  'packages/parapet': {
    name: 'parapet',
    exports: { '.': root },
    dependencies: ['@parapet/sdk', '@parapet/adapters', '@parapet/detectors'],
    peers: [],
  },
} as const

function writeTree(folder: string): void {
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  write('package.json', '{ "name": "tree", "private": true, "type": "module" }')
  write('test/.keep', '')
  for (const [path, { dependencies, peers, ...manifest }] of Object.entries(MANIFESTS)) {
    const versions = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, '1.0.0']))
    const peerDependenciesMeta = Object.fromEntries(peers.map((name) => [name, { optional: true }]))
    write(
      `${path}/package.json`,
      JSON.stringify({
        type: 'module',
        ...manifest,
        dependencies: versions(dependencies),
        peerDependencies: versions(peers),
        peerDependenciesMeta,
      }),
    )
    mkdirSync(join(folder, 'node_modules/@parapet'), { recursive: true })
    symlinkSync(join(folder, path), join(folder, 'node_modules', manifest.name))
  }
  for (const name of [
    'zod',
    'fast-check',
    'onnxruntime-node',
    'ai',
    '@ai-sdk/provider',
    'openai',
    '@parapet/model-tiny',
  ]) {
    write(
      `node_modules/${name}/package.json`,
      JSON.stringify({ name, type: 'module', exports: './index.js' }),
    )
    write(`node_modules/${name}/index.js`, 'export {}')
  }
  for (const { path, source } of IMPORT_CASES) write(path, source)
}

describe('the import rules', () => {
  let folder: string
  let result: Cruise

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'parapet-imports-'))
    writeTree(folder)
    result = cruise(folder, ['packages', 'examples', 'bench'])
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test.each(IMPORT_CASES.map((each) => [each.path, each.breaks.join(', ') || 'nothing', each] as const))(
    '%s breaks %s',
    (path, _title, { source, breaks }) => {
      const found = result.summary.violations.filter(({ from }) => from === path).map(({ rule }) => rule.name)
      const seen = result.modules.find((module) => module.source === path)?.dependencies
      const specifiers = seen?.map(({ module }) => module.replace(/^node:/, ''))

      expect(specifiers).toEqual(expect.arrayContaining(importsIn(source)))
      expect([...new Set(found)].sort()).toEqual([...breaks].sort())
    },
  )

  test('each rule has a case that breaks it', () => {
    const rules = result.summary.ruleSetUsed.forbidden.map(({ name }) => name)

    expect([...new Set(IMPORT_CASES.flatMap(({ breaks }) => breaks))].sort()).toEqual([...rules].sort())
  })
})

describe('on the repository', () => {
  const folders = ['packages', 'examples', 'test', 'bench'].filter(
    (name) => globSync(`${name}/*`, { cwd: ROOT }).length > 0,
  )
  let files: (readonly [path: string, imports: readonly string[]])[]
  let result: Cruise

  beforeAll(() => {
    files = folders
      .flatMap((folder) =>
        globSync(`${folder}/**/*.ts`, {
          cwd: ROOT,
          exclude: (path) => /(^|\/)(node_modules|dist)$/.test(path),
        }),
      )
      .filter((path) => !/node_modules|\/dist\/|__fixtures__/.test(path) && !path.startsWith('test/import'))
      .map((path) => [path, importsIn(readFileSync(join(ROOT, path), 'utf8'))] as const)
    result = cruise(ROOT, folders)
  })

  test('the cruiser sees every source file, and every import that a search of the text sees', () => {
    const seen = new Map(
      result.modules.map(({ source, dependencies }) => [
        source,
        new Set(dependencies.map(({ module }) => module.replace(/^node:/, ''))),
      ]),
    )
    expect(files.length).toBeGreaterThan(20)
    expect(files.map(([path]) => path).filter((path) => !seen.has(path))).toEqual([])
    const missed = files.flatMap(([path, imports]) =>
      imports
        .filter((module) => !seen.get(path)?.has(module))
        .map((module) => `${path}: ${module} (write it as an import or export statement at the top)`),
    )
    expect(missed).toEqual([])
  })
})

/** What statements at the start of a line, and `import('…')` anywhere, name. Comments are left out. */
function importsIn(text: string): string[] {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '')
  const statements =
    /^(?:import|export)\b[^'"`;=()]*?from\s*['"]([^'"]+)['"]|^import\s*['"]([^'"]+)['"]|^[^'"`]*\bimport\(\s*['"]([^'"]+)['"]\s*\)/gm
  return [...code.matchAll(statements)].map((match) =>
    (match[1] ?? match[2] ?? match[3] ?? '').replace(/^node:/, ''),
  )
}
