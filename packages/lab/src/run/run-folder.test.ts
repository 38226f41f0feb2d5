import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { appendFile, mkdtemp, readdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { z } from 'zod'
import { openRunFolder } from './run-folder.ts'

let root: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'parapet-run-'))
})
afterEach(() => rm(root, { recursive: true, force: true }))

const row = z.object({ n: z.number() })
const byNumber = ({ n }: z.infer<typeof row>) => String(n)
const configuration = { schema: 'x', model: { sha256: 'a' }, options: { seed: 1 } }

test('lines are there again when the folder is opened again', async () => {
  const folder = await openRunFolder(root, configuration)
  const lines = await folder.openLines('rows.jsonl', row, byNumber)
  await lines.append({ n: 1 })
  await lines.append({ n: 2 })
  await lines.close()
  await folder.close()

  const again = await (await openRunFolder(root, configuration)).openLines('rows.jsonl', row, byNumber)
  await again.close()

  expect(again.rows).toEqual([{ n: 1 }, { n: 2 }])
})

test('a line that was cut off is dropped, and the next one stands in its place', async () => {
  const folder = await openRunFolder(root, configuration)
  await (await folder.openLines('rows.jsonl', row, byNumber)).close()
  await appendFile(join(root, 'rows.jsonl'), '{"n":1}\n{"n":2')

  const lines = await folder.openLines('rows.jsonl', row, byNumber)
  await lines.append({ n: 3 })
  await lines.close()

  expect(lines.rows).toEqual([{ n: 1 }])
  expect(await readFile(join(root, 'rows.jsonl'), 'utf8')).toBe('{"n":1}\n{"n":3}\n')
})

test('a folder of another configuration is refused, by the names of what differs', async () => {
  await (await openRunFolder(root, configuration)).close()

  await expect(
    openRunFolder(root, { ...configuration, model: { sha256: 'b' }, options: { seed: 2 } }),
  ).rejects.toMatchObject({
    code: 'PARAPET_LAB_FOLDER_OTHER',
    message: expect.stringContaining('model.sha256, options.seed'),
  })
})

test('a row that is there twice is damage', async () => {
  const folder = await openRunFolder(root, configuration)
  await writeFile(join(root, 'rows.jsonl'), '{"n":1}\n{"n":2}\n{"n":1}\n')

  await expect(folder.openLines('rows.jsonl', row, byNumber)).rejects.toMatchObject({
    code: 'PARAPET_LAB_ARTEFACT_DAMAGED',
    message: expect.stringContaining('rows.jsonl'),
  })
})

describe('a run folder has one run at a time', () => {
  const lock = () => join(root, 'run.lock')
  const inUse = (pid: number) => ({
    code: 'PARAPET_LAB_FOLDER_IN_USE',
    message: expect.stringContaining(`process ${pid})`),
  })

  test('in this process', async () => {
    const tries = await Promise.allSettled([0, 1, 2].map(() => openRunFolder(root, configuration)))

    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    await expect(openRunFolder(root, configuration)).rejects.toMatchObject(inUse(process.pid))
    for (const tried of tries) if (tried.status === 'fulfilled') await tried.value.close()
    await (await openRunFolder(root, configuration)).close()
    expect(await readdir(root)).toEqual(['run.json'])
  })

  test('in another one that is alive', async () => {
    const holder = JSON.stringify({ pid: process.ppid, machine: hostname(), id: 'x' })
    await writeFile(lock(), holder)

    await expect(openRunFolder(root, configuration)).rejects.toMatchObject(inUse(process.ppid))
    expect(await readFile(lock(), 'utf8')).toBe(holder)
  })

  test('a lock that is still being written is one', async () => {
    await writeFile(lock(), '')

    await expect(openRunFolder(root, configuration)).rejects.toMatchObject({
      code: 'PARAPET_LAB_FOLDER_IN_USE',
    })
  })

  test.each<[string, () => Promise<object>]>([
    ['that ended', async () => ({ pid: await endedProcess(), machine: hostname(), id: 'x' })],
    ['that had the number of this one', async () => ({ pid: process.pid, machine: hostname(), id: 'x' })],
  ])('the lock of a process %s is taken over', async (_, holder) => {
    await writeFile(lock(), JSON.stringify(await holder()))

    await (await openRunFolder(root, configuration)).close()
    expect(await readdir(root)).toEqual(['run.json'])
  })

  test('the lock of another machine is taken over once it gave no sign for a minute', async () => {
    await writeFile(lock(), JSON.stringify({ pid: 1, machine: 'elsewhere', id: 'x' }))
    await expect(openRunFolder(root, configuration)).rejects.toMatchObject(inUse(1))

    const before = new Date(Date.now() - 61_000)
    await utimes(lock(), before, before)

    await (await openRunFolder(root, configuration)).close()
  })

  test('a folder that was refused is free again', async () => {
    await (await openRunFolder(root, configuration)).close()

    await expect(openRunFolder(root, {})).rejects.toMatchObject({ code: 'PARAPET_LAB_FOLDER_OTHER' })
    await (await openRunFolder(root, configuration)).close()
  })
})

/** The number of a process that has just ended. */
function endedProcess(): Promise<number> {
  const child = spawn(process.execPath, ['--version'], { stdio: 'ignore' })
  return new Promise((done) => child.on('exit', () => done(child.pid ?? 0)))
}

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
