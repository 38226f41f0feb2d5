import { fork, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import fc from 'fast-check'

const ROOT = dirname(import.meta.dirname)
const TSC = join(ROOT, 'node_modules/typescript/bin/tsc')
const BIOME = join(ROOT, 'node_modules/@biomejs/biome/bin/biome')
const OXLINT = join(ROOT, 'node_modules/oxlint/bin/oxlint')
const SETUP = join(ROOT, 'scripts/setup.mjs')

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(ROOT, 'node_modules/.cache/parapet-tooling-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function node(args: readonly string[], cwd = ROOT) {
  return spawnSync(process.execPath, args, { cwd, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 })
}

function write(path: string, text: string): string {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), text)
  return join(folder, path)
}

describe('jest', () => {
  test('imports our packages from their sources', () => {
    expect(import.meta.resolve('@parapet/sdk')).toMatch(/packages\/sdk\/src\/index\.ts$/)
  })

  test('forks a .ts file that imports our packages from their sources', async () => {
    const child = fork(new URL('./forked-entry.ts', import.meta.url), {
      execArgv: ['--conditions=@parapet/source'],
      serialization: 'advanced',
    })
    const [message] = (await once(child, 'message')) as [{ found: string; version: string }]

    expect(message.found).toMatch(/packages\/sdk\/src\/index\.ts$/)
    expect(message.version).toBe(process.versions.node)
  })

  test('runs on the Node of node_modules', () => {
    expect(Number(process.versions.node.split('.')[0])).toBeGreaterThanOrEqual(24)
  })

  test('runs properties on the seed that was printed', () => {
    const expected = process.env['FAST_CHECK_SEED']

    expect(fc.readConfigureGlobal().seed).toBe(expected === undefined ? undefined : Number(expected))
  })
})

describe('the type check', () => {
  test('reads every TypeScript file that git does not ignore', () => {
    const listed = spawnSync('git', ['ls-files', '*.ts'], { cwd: ROOT, encoding: 'utf8' })
      .stdout.trim()
      .split('\n')
    const { stdout } = node([TSC, '-p', 'tsconfig.json', '--listFilesOnly'])
    const read = new Set(stdout.split('\n').map((path) => join(ROOT, path.replace(ROOT, ''))))

    expect(listed.length).toBeGreaterThan(20)
    expect(listed.filter((path) => !read.has(join(ROOT, path)))).toEqual([])
  })

  test('fails for a type test whose error does not come', () => {
    write('types/package.json', '{ "type": "module" }')
    write('types/tsconfig.json', JSON.stringify({ extends: join(ROOT, 'tsconfig.json'), include: ['.'] }))
    write(
      'types/label.test-d.ts',
      `type Label = 'toxic' | 'insult'\n// @ts-expect-error a label that is not there\nexport const label: Label = 'toxic'\n`,
    )

    const { status, stdout } = node([TSC, '-p', join(folder, 'types')])

    expect(stdout).toContain('TS2578')
    expect(status).not.toBe(0)
  })
})

describe('the linters', () => {
  const LATER = `export const later = async (): Promise<number> => 1\n`
  let place: string

  beforeAll(() => {
    place = mkdtempSync(join(tmpdir(), 'parapet-lint-'))
    symlinkSync(join(ROOT, 'node_modules'), join(place, 'node_modules'))
    copyFileSync(join(ROOT, '.oxlintrc.json'), join(place, '.oxlintrc.json'))
    const biome = JSON.parse(readFileSync(join(ROOT, 'biome.json'), 'utf8')) as object
    writeFileSync(join(place, 'biome.json'), JSON.stringify({ ...biome, vcs: { enabled: false } }))
    const tsconfig = { extends: join(ROOT, 'tsconfig.json'), files: ['faulty.ts'] }
    writeFileSync(join(place, 'tsconfig.json'), JSON.stringify(tsconfig))
    writeFileSync(join(place, 'package.json'), '{ "type": "module" }')
    writeFileSync(join(place, 'later.ts'), LATER)
  })
  afterAll(() => rmSync(place, { recursive: true, force: true }))

  test.each([
    ['a promise that nobody awaits', 'no-floating-promises', `import { later } from './later.ts'\nlater()\n`],
    [
      'a promise of Node that nobody awaits',
      'no-floating-promises',
      `import { readFile } from 'node:fs/promises'\nreadFile('x')\n`,
    ],
    [
      'a promise of a library that nobody awaits',
      'no-floating-promises',
      `import { run } from 'jest'\nrun()\n`,
    ],
    [
      'a promise as a condition',
      'no-misused-promises',
      `import { later } from './later.ts'\nexport const f = () => (later() ? 1 : 2)\n`,
    ],
    ['an await of what is no promise', 'await-thenable', `export const f = async () => await 1\n`],
    [
      'a switch that forgets a case',
      'switch-exhaustiveness-check',
      `export function f(x: 'a' | 'b') {\n  switch (x) {\n    case 'a':\n      return 1\n  }\n  return 2\n}\n`,
    ],
  ])('oxlint finds %s', (_title, rule, source) => {
    writeFileSync(join(place, 'faulty.ts'), source)

    const { stdout, status } = node([OXLINT, '--type-aware', '--format=unix', 'faulty.ts'], place)

    expect(stdout).toContain(rule)
    expect(status).not.toBe(0)
  })

  test.each([
    ['any', 'noExplicitAny', `export const f = (x: any) => x\n`],
    [
      'a focused test',
      'noFocusedTests',
      `import { test } from '@jest/globals'\n\ntest.only('x', () => {})\n`,
    ],
    ['a thrown text', 'useThrowOnlyError', `export function f() {\n  throw 'x'\n}\n`],
  ])('Biome finds %s', (_title, rule, source) => {
    writeFileSync(join(place, 'faulty.ts'), source)

    const { stdout, stderr, status } = node([BIOME, 'lint', '--error-on-warnings', 'faulty.ts'], place)

    expect(stdout + stderr).toContain(rule)
    expect(status).not.toBe(0)
  })
})

describe('the setup', () => {
  test('hands arguments and the exit code of its script through, and prints nothing of its own to standard output', () => {
    const script = write('script.mjs', `console.log(JSON.stringify(process.argv.slice(2)))\nprocess.exit(7)`)

    const { stdout, stderr, status } = node([SETUP, 'work', '--no-build', '--', script, '--json', 'a b'])

    expect(stderr).toMatch(/^setup: ready for work in [\d.]+ s$/m)
    expect(stdout).toBe('["--json","a b"]\n')
    expect(status).toBe(7)
  })
})
