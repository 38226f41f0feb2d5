import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from '@jest/globals'
import { runParapet } from './run-parapet.ts'
import { temporaryFolder } from './temporary-folder.ts'

const ROOT = join(import.meta.dirname, '../../..')
/** Loading and timing every model takes a while where few cores are free. */
const LONG_MS = 180_000
const folder = temporaryFolder()
const main = join(folder, 'packages/parapet/src/main.ts')

interface Finding {
  readonly what: string
  readonly state: string
  readonly detail: string
  readonly mend?: string
}

/**
 * An installation of its own: our sources copied, the libraries of others linked, `ai` left out. One weights package is
 * not there, of the other a file is cut off.
 */
beforeAll(() => {
  const modules = join(folder, 'node_modules')
  mkdirSync(join(modules, '@parapet'), { recursive: true })
  for (const name of ['sdk', 'runtime', 'detectors', 'adapters', 'parapet']) {
    for (const part of ['src', 'package.json'])
      cpSync(join(ROOT, 'packages', name, part), join(folder, 'packages', name, part), {
        recursive: true,
        filter: (path) => !path.endsWith('.test.ts'),
      })
    symlinkSync(join(folder, 'packages', name), join(modules, '@parapet', name))
  }
  for (const name of readdirSync(join(ROOT, 'node_modules')))
    if (!['@parapet', 'ai', '.bin'].includes(name))
      symlinkSync(join(ROOT, 'node_modules', name), join(modules, name))
  const encoder = join(modules, '@parapet/model-encoder')
  cpSync(join(ROOT, 'packages/models/encoder'), encoder, { recursive: true })
  truncateSync(join(encoder, 'model.onnx'), 1_000_000)
})

async function diagnose(options: Parameters<typeof runParapet>[1] = {}) {
  const { status, stdout, stderr } = await runParapet(['doctor', '--json'], options)
  const { ok, findings } = JSON.parse(stdout) as { ok: boolean; findings: Finding[] }
  return { status, stderr, ok, of: (what: string) => findings.find((finding) => finding.what === what) }
}

describe('parapet doctor', () => {
  it(
    'finds everything that is needed, and times the preset’s budgets',
    async () => {
      const { status, stderr, ok, of } = await diagnose()

      expect({ status, stderr, ok }).toEqual({ status: 0, stderr: '', ok: true })
      const { bytes } = (
        JSON.parse(readFileSync(join(ROOT, 'packages/models/encoder/manifest.json'), 'utf8')) as {
          files: Record<string, { bytes: number }>
        }
      ).files['model.onnx'] ?? { bytes: 0 }
      expect(bytes).toBeGreaterThan(1e6)
      expect(of('node')).toMatchObject({ state: 'ok', detail: process.versions.node })
      expect(of('onnxruntime-node')).toMatchObject({ state: 'ok' })
      expect(of('@parapet/model-sentinel')?.detail).toMatch(/^\S+, \d+ MB, \d digests match$/)
      expect(of('@parapet/model-encoder')).toMatchObject({ state: 'ok' })
      expect(of('detector refusal-direction')?.detail).toMatch(
        /harmful \(\d{4,} benign texts, rates from 0\.0\d+ %\)/,
      )
      expect(of('preset standard')).toMatchObject({ state: 'ok' })
      for (const stage of ['input', 'output'])
        expect(of(`budget of ${stage}`)?.detail).toMatch(
          /^2000 characters \d+ ms.*, 6000 characters \d+ ms.*, of 3000 ms$/,
        )
    },
    LONG_MS,
  )

  it(
    'names what is missing, broken or absent, with the line that mends it',
    async () => {
      const { status, ok, of } = await diagnose({ main, cwd: folder })

      expect({ status, ok }).toEqual({ status: 1, ok: false })
      expect(of('onnxruntime-node')).toMatchObject({ state: 'ok' })
      expect(of('ai')).toMatchObject({ state: 'absent', mend: 'npm install ai' })
      expect(of('@parapet/model-sentinel')).toMatchObject({
        state: 'missing',
        mend: 'npm install @parapet/model-sentinel',
      })
      expect(of('@parapet/model-encoder')).toMatchObject({ state: 'broken' })
      expect(of('@parapet/model-encoder')?.detail).toMatch(/^PARAPET_MODEL_DIGEST_MISMATCH: /)
      expect(of('detector refusal-direction')?.detail).toMatch(/^PARAPET_MODEL_NOT_INSTALLED: /)
      expect(of('detector toxicity')?.detail).toMatch(/^PARAPET_MODEL_DIGEST_MISMATCH: /)
    },
    LONG_MS,
  )

  it(
    'puts the line that mends a thing under it',
    async () => {
      const { status, stdout } = await runParapet(['doctor'], { main, cwd: folder })

      expect(status).toBe(1)
      expect(stdout).toMatch(
        /^missing +@parapet\/model-sentinel +not installed\n +→ npm install @parapet\/model-sentinel$/m,
      )
      expect(stdout).toMatch(/^\d missing or broken\.$/m)
    },
    LONG_MS,
  )
})
