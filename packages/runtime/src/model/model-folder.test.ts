import { appendFile, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { writeTinyEncoder } from '../testing/tiny-encoder.ts'
import { openModelFolder } from './model-folder.ts'
import { resolveModelPackage } from './resolve-model-package.ts'
import { readVerifiedFile, readVerifiedJson, verifyFile } from './verified-file.ts'

let root: string
let directory: string
let count = 0
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'parapet-folder-'))
})
afterAll(() => rm(root, { recursive: true }))
beforeEach(async () => {
  count += 1
  directory = join(root, String(count))
  await writeTinyEncoder(directory)
})

const code = (name: string) => expect.objectContaining({ code: name })

async function changeManifest(change: (manifest: Record<string, unknown>) => void): Promise<void> {
  const path = join(directory, 'manifest.json')
  const manifest = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>
  change(manifest)
  await writeFile(path, JSON.stringify(manifest))
}

describe('openModelFolder', () => {
  test('reads the manifest and touches nothing else', async () => {
    await rm(join(directory, 'model.onnx'))

    const folder = await openModelFolder(directory, 'encoder')

    expect(folder.directory).toBe(directory)
    expect(folder.manifest.outputs['toxicity']?.labels).toEqual(['toxic', 'insult'])
  })

  test('a folder of the other kind is PARAPET_MODEL_KIND_WRONG', async () => {
    await expect(openModelFolder(directory, 'decoder')).rejects.toEqual(code('PARAPET_MODEL_KIND_WRONG'))
  })

  test('a folder without a manifest is PARAPET_MODEL_FILE_MISSING', async () => {
    await expect(openModelFolder(join(root, 'nowhere'))).rejects.toEqual(code('PARAPET_MODEL_FILE_MISSING'))
  })

  test.each([
    ['another schema', 'schema', 'parapet.model/2'],
    ['no windows', 'windowTokens', 0],
    ['a file outside the folder', 'files', { '../x': { sha256: '0'.repeat(64), bytes: 1 } }],
    ['a digest that is none', 'files', { 'model.onnx': { sha256: 'abc', bytes: 1 } }],
    ['an output without labels', 'outputs', { toxicity: { labels: [] } }],
  ])('a manifest with %s is refused with the path of the fault', async (_, field, value) => {
    await changeManifest((manifest) => {
      manifest[field] = value
    })

    await expect(openModelFolder(directory)).rejects.toMatchObject({
      code: 'PARAPET_MODEL_MANIFEST_INVALID',
      message: expect.stringContaining(`"${field}`),
    })
  })

  test('a manifest that is not JSON is PARAPET_MODEL_MANIFEST_INVALID', async () => {
    await writeFile(join(directory, 'manifest.json'), '{')

    await expect(openModelFolder(directory)).rejects.toEqual(code('PARAPET_MODEL_MANIFEST_INVALID'))
  })
})

describe('verifyFile', () => {
  const folder = () => openModelFolder(directory, 'encoder')

  test('takes a file that is what the manifest says', async () => {
    await expect(verifyFile(await folder(), 'model.onnx')).resolves.toBeUndefined()
    expect((await readVerifiedFile(await folder(), 'model.onnx')).length).toBeGreaterThan(1000)
  })

  test('a changed byte, a longer file and a shorter one are PARAPET_MODEL_DIGEST_MISMATCH, also after a good check', async () => {
    const path = join(directory, 'model.onnx')
    const opened = await folder()
    await verifyFile(opened, 'model.onnx')
    const bytes = await readFile(path)

    bytes[bytes.length - 100] = (bytes[bytes.length - 100] ?? 0) ^ 1
    await writeFile(path, bytes)
    await expect(verifyFile(opened, 'model.onnx')).rejects.toEqual(code('PARAPET_MODEL_DIGEST_MISMATCH'))
    await appendFile(path, 'x')
    await expect(verifyFile(opened, 'model.onnx')).rejects.toEqual(code('PARAPET_MODEL_DIGEST_MISMATCH'))
    await truncate(path, 500)
    await expect(verifyFile(opened, 'model.onnx')).rejects.toEqual(code('PARAPET_MODEL_DIGEST_MISMATCH'))
  })

  test('a file that is gone is PARAPET_MODEL_FILE_MISSING, one that is not listed a fault of the manifest', async () => {
    await rm(join(directory, 'tokenizer.json'))

    await expect(verifyFile(await folder(), 'tokenizer.json')).rejects.toEqual(
      code('PARAPET_MODEL_FILE_MISSING'),
    )
    await expect(verifyFile(await folder(), 'other.json')).rejects.toEqual(
      code('PARAPET_MODEL_MANIFEST_INVALID'),
    )
  })

  test('a listed file that is not JSON is PARAPET_MODEL_CORRUPT where JSON is read', async () => {
    await expect(readVerifiedJson(await folder(), 'model.onnx')).rejects.toEqual(
      code('PARAPET_MODEL_CORRUPT'),
    )
  })
})

describe('resolveModelPackage', () => {
  test('a package that is not installed is an error with the install line', () => {
    expect(() => resolveModelPackage('@parapet/model-that-nobody-made')).toThrow(
      expect.objectContaining({
        code: 'PARAPET_MODEL_NOT_INSTALLED',
        message: expect.stringContaining('npm install @parapet/model-that-nobody-made'),
      }),
    )
  })

  test('an installed package is found as a folder, from where it is asked for', () => {
    expect(resolveModelPackage('zod', import.meta.url)).toMatch(/node_modules.zod$/)
  })
})
