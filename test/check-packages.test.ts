import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'

const SCRIPT = join(dirname(import.meta.dirname), 'scripts/check-packages.mjs')

/** A package that npm would publish as it should be. Each fault below changes one thing. */
const SOUND = {
  'package.json': JSON.stringify({
    name: 'sound',
    version: '1.0.0',
    type: 'module',
    license: 'MIT',
    exports: { '.': { types: './dist/index.d.ts', default: './dist/index.js' } },
    files: ['dist', 'src', '!src/**/*.test.ts'],
  }),
  LICENSE: 'the licence',
  'src/index.ts': 'export const sound: number = 1',
  'src/index.test.ts': '',
  'dist/index.js': 'export const sound = 1',
  'dist/index.d.ts': 'export declare const sound: number',
}

const change = (text: string, fields: object) => JSON.stringify({ ...JSON.parse(text), ...fields })

const BROKEN: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  sound: SOUND,
  'eager-peer': { ...SOUND, 'dist/index.js': `import 'a-peer'\nexport const sound = 1` },
  stale: { ...SOUND, 'dist/gone.js': 'export {}' },
  'with-tests': { ...SOUND, 'package.json': change(SOUND['package.json'], { files: ['dist', 'src'] }) },
  'wrong-types': { ...SOUND, 'dist/index.d.ts': `export * from './not-there.js'` },
  'wrong-path': {
    ...SOUND,
    'package.json': change(SOUND['package.json'], { exports: { '.': './dist/not-there.js' } }),
  },
  'dead-command': {
    ...SOUND,
    'package.json': change(SOUND['package.json'], { bin: { dead: './dist/dead.js' } }),
    'src/dead.ts': '',
    'dist/dead.js': '#!/usr/bin/env node\nprocess.exit(1)',
  },
}

describe('the package check', () => {
  let folder: string
  let output: string
  let status: number | null

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'parapet-check-'))
    const write = (path: string, text: string) => {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), text)
    }
    write('LICENSE', 'the licence')
    for (const [name, files] of Object.entries(BROKEN)) {
      for (const [path, text] of Object.entries({
        ...files,
        'package.json': change(files['package.json'] ?? '', { name }),
      })) {
        write(`packages/${name}/${path}`, text)
      }
    }
    write(
      'packages/models/fat/package.json',
      JSON.stringify({
        name: 'fat',
        version: '1.0.0',
        type: 'module',
        license: 'MIT',
        exports: { './*': './*' },
        files: ['*'],
      }),
    )
    write('packages/models/fat/model.onnx', '')
    truncateSync(join(folder, 'packages/models/fat/model.onnx'), 96 * 1024 * 1024)
    const result = spawnSync(process.execPath, [SCRIPT, folder], { encoding: 'utf8' })
    output = result.stdout + result.stderr
    status = result.status
  }, 120_000)
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test('passes a sound package, and fails as a whole for the others', () => {
    expect(output).not.toMatch(/^sound/m)
    expect(output).toContain(`${Object.keys(BROKEN).length + 1} packages checked`)
    expect(status).toBe(1)
  })

  test.each([
    [
      'an optional peer that is needed at load',
      'eager-peer does not load with its required dependencies alone',
    ],
    ['an output whose source is gone', 'stale: dist/gone.js has no source any more'],
    ['a test in the package', 'with-tests: src/index.test.ts is published'],
    ['types that resolve to nothing', 'wrong-types: attw'],
    ['an export that is not there', 'wrong-path: publint'],
    ['a command that does not start', 'dead --help fails'],
    ['a licence that is missing', "fat: LICENSE is not the copy of the repository's"],
    ['weights over the limit', 'fat: model.onnx has 100663296 bytes'],
    ['weights without a manifest', 'fat: manifest.json is missing'],
  ])('finds %s', (_title, message) => {
    expect(output).toContain(message)
  })
})
