import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { canonicalJson, type JsonValue, ParapetError } from '@parapet/sdk'
import type { z } from 'zod'
import { labError } from '../errors/codes.ts'
import { differingFields } from './differing-fields.ts'
import { takeRunLock } from './run-lock.ts'

/** A file of lines that grows as a stage goes on. */
export interface LinesArtefact<Row> {
  /** The rows that were there, oldest first. */
  readonly rows: readonly Row[]
  append(row: Row): Promise<void>
  close(): Promise<void>
}

/** Where the stages of a run leave what they made, so that a run that was killed is taken up again. */
export interface RunFolder {
  /** Absolute path. */
  readonly directory: string
  /** A JSON artefact, or undefined where its stage has not ended. @throws `PARAPET_LAB_ARTEFACT_DAMAGED` */
  readJson<Schema extends z.ZodType>(name: string, schema: Schema): Promise<z.infer<Schema> | undefined>
  readBytes(name: string): Promise<Uint8Array | undefined>
  /** Writes an artefact whole or not at all. @throws `PARAPET_LAB_FOLDER_UNWRITABLE` */
  writeJson(name: string, value: unknown): Promise<void>
  writeBytes(name: string, bytes: Uint8Array): Promise<void>
  remove(name: string): Promise<void>
  /**
   * Opens a JSON-lines artefact to go on with it; a last line that was cut off is dropped.
   * @param keyOf what no two rows share
   * @throws `PARAPET_LAB_ARTEFACT_DAMAGED` where two rows have one key
   */
  openLines<Schema extends z.ZodType>(
    name: string,
    schema: Schema,
    keyOf: (row: z.infer<Schema>) => string,
  ): Promise<LinesArtefact<z.infer<Schema>>>
  /** Lets another run into the folder. */
  close(): Promise<void>
}

const CONFIGURATION = 'run.json'
const LOCK = 'run.lock'

/**
 * Opens a run folder, or begins one, for this run alone until `close()`. What was made under another configuration is never mixed with this one's.
 * @param configuration all that the artefacts depend on, as plain JSON
 * @throws `PARAPET_LAB_FOLDER_IN_USE`, `PARAPET_LAB_FOLDER_OTHER`, `PARAPET_LAB_FOLDER_UNWRITABLE`, `PARAPET_LAB_ARTEFACT_DAMAGED`
 */
export async function openRunFolder(directory: string, configuration: JsonValue): Promise<RunFolder> {
  const root = resolve(directory)
  const path = (name: string) => join(root, name)
  const damaged = (name: string, problem: string) =>
    labError('PARAPET_LAB_ARTEFACT_DAMAGED', { file: name, problem })

  /** Runs what writes: a full disk, a folder that may not be written, a path that is a file. */
  async function writing<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work()
    } catch (cause) {
      if (cause instanceof ParapetError) throw cause
      const fault = (cause as NodeJS.ErrnoException).code ?? 'unwritable'
      throw labError('PARAPET_LAB_FOLDER_UNWRITABLE', { folder: root, fault }, { cause })
    }
  }
  async function readBytes(name: string): Promise<Uint8Array | undefined> {
    try {
      return await readFile(path(name))
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException
      if (code === 'ENOENT') return undefined
      throw labError(
        'PARAPET_LAB_FOLDER_UNWRITABLE',
        { folder: root, fault: code ?? 'unreadable' },
        { cause },
      )
    }
  }
  const writeBytes = (name: string, bytes: Uint8Array) =>
    writing(async () => {
      const temporary = path(`${name}.part`)
      const file = await open(temporary, 'w')
      try {
        await file.writeFile(bytes)
        await file.datasync()
      } finally {
        await file.close()
      }
      await rename(temporary, path(name))
    })
  function parse<Schema extends z.ZodType>(name: string, text: string, schema: Schema): z.infer<Schema> {
    let value: unknown
    try {
      value = JSON.parse(text)
    } catch {
      throw damaged(name, 'it is not JSON')
    }
    const parsed = schema.safeParse(value)
    if (parsed.success) return parsed.data
    throw damaged(name, `it has another form at "${parsed.error.issues[0]?.path.join('.') ?? ''}"`)
  }

  const folder: RunFolder = {
    directory: root,
    readBytes,
    writeBytes,
    async readJson(name, schema) {
      const bytes = await readBytes(name)
      return bytes === undefined ? undefined : parse(name, new TextDecoder().decode(bytes), schema)
    },
    writeJson: (name, value) => writeBytes(name, Buffer.from(`${JSON.stringify(value, null, 1)}\n`)),
    remove: (name) => writing(() => rm(path(name), { force: true })),
    async openLines(name, schema, keyOf) {
      const text = new TextDecoder().decode(await readBytes(name))
      // A run that is killed while it writes leaves half a line.
      const whole = text.slice(0, text.lastIndexOf('\n') + 1)
      const rows = whole
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => parse(name, line, schema))
      if (new Set(rows.map(keyOf)).size < rows.length) throw damaged(name, 'it has two rows of the same')
      const file = await writing(async () => {
        const opened = await open(path(name), 'a')
        await opened.truncate(Buffer.byteLength(whole))
        return opened
      })
      return {
        rows,
        append: (row) => writing(() => file.appendFile(`${JSON.stringify(row)}\n`)),
        close: () => writing(() => file.close()),
      }
    },
    close: () => release(),
  }

  await writing(() => mkdir(root, { recursive: true }))
  const release = await writing(() => takeRunLock(root, path(LOCK)))
  try {
    await agree()
    return folder
  } catch (error) {
    await release()
    throw error
  }

  async function agree(): Promise<void> {
    const before = await readBytes(CONFIGURATION)
    if (before === undefined) return folder.writeJson(CONFIGURATION, configuration)
    let known: JsonValue
    try {
      known = JSON.parse(new TextDecoder().decode(before)) as JsonValue
    } catch {
      throw damaged(CONFIGURATION, 'it is not JSON')
    }
    if (canonicalJson(known) !== canonicalJson(configuration))
      throw labError('PARAPET_LAB_FOLDER_OTHER', {
        folder: root,
        differs: differingFields(known, configuration),
      })
  }
}
