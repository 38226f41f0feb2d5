import { existsSync } from 'node:fs'
import { appendFile, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { z } from 'zod'
import { openRunFolder } from './run-folder.ts'

let root: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'parapet-run-'))
})
afterEach(() => rm(root, { recursive: true, force: true }))

const row = z.object({ n: z.number() })
const configuration = { schema: 'x', model: { sha256: 'a' }, options: { seed: 1 } }

test('lines are there again when the folder is opened again', async () => {
  const lines = await (await openRunFolder(root, configuration)).openLines('rows.jsonl', row)
  await lines.append({ n: 1 })
  await lines.append({ n: 2 })
  await lines.close()

  const again = await (await openRunFolder(root, configuration)).openLines('rows.jsonl', row)
  await again.close()

  expect(again.rows).toEqual([{ n: 1 }, { n: 2 }])
})

test('a line that was cut off is dropped, and the next one stands in its place', async () => {
  const folder = await openRunFolder(root, configuration)
  await (await folder.openLines('rows.jsonl', row)).close()
  await appendFile(join(root, 'rows.jsonl'), '{"n":1}\n{"n":2')

  const lines = await folder.openLines('rows.jsonl', row)
  await lines.append({ n: 3 })
  await lines.close()

  expect(lines.rows).toEqual([{ n: 1 }])
  expect(await readFile(join(root, 'rows.jsonl'), 'utf8')).toBe('{"n":1}\n{"n":3}\n')
})

test('a folder of another configuration is refused, by the names of what differs', async () => {
  await openRunFolder(root, configuration)

  await expect(
    openRunFolder(root, { ...configuration, model: { sha256: 'b' }, options: { seed: 2 } }),
  ).rejects.toMatchObject({
    code: 'PARAPET_LAB_FOLDER_OTHER',
    message: expect.stringContaining('model.sha256, options.seed'),
  })
})

test('an artefact that was changed by hand is refused by its name', async () => {
  const folder = await openRunFolder(root, configuration)
  await writeFile(join(root, 'one.json'), '{"n":"two"}')
  await writeFile(join(root, 'two.json'), '{')

  await expect(folder.readJson('one.json', row)).rejects.toMatchObject({
    code: 'PARAPET_LAB_ARTEFACT_DAMAGED',
    message: expect.stringContaining('one.json'),
  })
  await expect(folder.readJson('two.json', row)).rejects.toMatchObject({
    code: 'PARAPET_LAB_ARTEFACT_DAMAGED',
  })
  expect(await folder.readJson('three.json', row)).toBeUndefined()
})

test('a place that cannot be written is an error with the fault', async () => {
  await writeFile(join(root, 'file'), '')

  await expect(openRunFolder(join(root, 'file'), configuration)).rejects.toMatchObject({
    code: 'PARAPET_LAB_FOLDER_UNWRITABLE',
    message: expect.stringMatching(/EEXIST|ENOTDIR/),
  })
})

/** What is always full where there is such a thing; elsewhere a folder, which cannot be written as a file either. */
const [FULL, FAULT] = existsSync('/dev/full') ? ['/dev/full', 'ENOSPC'] : [tmpdir(), 'EISDIR']

test('a full disk is an error with the fault, and what was written before stays', async () => {
  const folder = await openRunFolder(root, configuration)
  await folder.writeJson('one.json', { n: 1 })
  await symlink(FULL, join(root, 'one.json.part'))

  await expect(folder.writeJson('one.json', { n: 2 })).rejects.toMatchObject({
    code: 'PARAPET_LAB_FOLDER_UNWRITABLE',
    message: expect.stringContaining(FAULT),
  })

  expect(await folder.readJson('one.json', row)).toEqual({ n: 1 })
})
