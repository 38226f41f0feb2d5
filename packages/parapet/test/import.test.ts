import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { temporaryFolder } from './temporary-folder.ts'

const folder = temporaryFolder()
const ENTRY = join(import.meta.dirname, '../src/index.ts')

/** Every module that a program loads, and every native library in the process. */
function loadedBy(program: string): { readonly urls: string[]; readonly libraries: string[] } {
  const list = join(folder, 'loaded.json')
  const report = `${program}; console.log(JSON.stringify(process.report.getReport().sharedObjects))`
  const preload = [
    '--conditions=@parapet/source',
    '--import',
    join(import.meta.dirname, 'loaded-modules.mjs'),
  ]
  const stdout = execFileSync(process.execPath, [...preload, '--input-type=module', '--eval', report], {
    encoding: 'utf8',
    cwd: join(import.meta.dirname, '..'),
    env: { ...process.env, LOADED_MODULES: list },
  })
  return {
    urls: JSON.parse(readFileSync(list, 'utf8')) as string[],
    libraries: JSON.parse(stdout) as string[],
  }
}

const HEAVY = /node_modules\/(onnxruntime-(node|common)|ai|@ai-sdk\/[^/]+)\//

describe('the one import', () => {
  it('loads neither a runtime nor a provider', () => {
    const { urls, libraries } = loadedBy(`await import(${JSON.stringify(ENTRY)})`)

    expect(urls.some((url) => url.includes('/packages/sdk/src/index.ts'))).toBe(true)
    expect(urls.filter((url) => HEAVY.test(url))).toEqual([])
    expect(libraries.filter((library) => library.includes('onnxruntime'))).toEqual([])
  })

  it('would be seen to load a runtime, if it did', () => {
    const { urls, libraries } = loadedBy(`await import('onnxruntime-node')`)

    expect(urls.some((url) => HEAVY.test(url))).toBe(true)
    expect(libraries.some((library) => library.includes('onnxruntime'))).toBe(true)
  })

  it('loads nothing more for a policy, a guard and the middleware', () => {
    const { urls } = loadedBy(
      `const { createDefaultGuard, guardMiddleware } = await import(${JSON.stringify(ENTRY)}); guardMiddleware(createDefaultGuard())`,
    )

    expect(urls.filter((url) => HEAVY.test(url))).toEqual([])
  })
})
