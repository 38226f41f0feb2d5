import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { promptSet } from './prompt-set.ts'
import { readPrompts } from './read-prompts.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parapet-prompts-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function file(text: string): Promise<string> {
  const path = join(folder, 'prompts.jsonl')
  await writeFile(path, text)
  return path
}

test('reads the texts of JSON lines, and leaves blank lines and a byte order mark out', async () => {
  const path = await file('\uFEFF{"text":"water the plants","label":"x"}\n\n{"text":"söme 日本"}\r\n')

  const { texts, sha256 } = await readPrompts(path, 'harmless')

  expect(texts).toEqual(['water the plants', 'söme 日本'])
  expect(sha256).toMatch(/^[0-9a-f]{64}$/)
})

test('the digest of texts is that of the lines they would be written as', async () => {
  const path = await file('{"text":"a"}\n{"text":"b"}\n')

  expect(promptSet(['a', 'b']).sha256).toBe((await readPrompts(path, 'harmful')).sha256)
})

test.each([
  ['no JSON', '{"text":"a"}\ncanary words\n', 'line 2'],
  ['a request without words', '{"text":" "}', 'line 1'],
  ['a text that is none', '{"text":["canary"]}', 'line 1'],
  ['null', 'null', 'line 1'],
])('%s is an error that names the line and quotes nothing', async (_, content, place) => {
  const error: Error = await readPrompts(await file(content), 'harmful').then(
    () => new Error('read'),
    (thrown: Error) => thrown,
  )

  expect(error).toMatchObject({ code: 'PARAPET_LAB_PROMPTS_UNREADABLE' })
  expect(error.message).toContain(place)
  expect(error.message).not.toContain('canary')
})

test('a file that is not there is an error that says so', async () => {
  await expect(readPrompts(join(folder, 'none.jsonl'), 'harmful')).rejects.toMatchObject({
    code: 'PARAPET_LAB_PROMPTS_UNREADABLE',
    message: expect.stringContaining('ENOENT'),
  })
})
