import { randomBytes } from 'node:crypto'
import {
  closeSync,
  fstatSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { z } from 'zod'
import { isParapetError } from '../errors/parapet-error.ts'
import { recordError } from './errors.ts'
import { LEAST_KEY_BYTES, parseKey, type RecordKey, type RecordKeys, recordKeys } from './record-keys.ts'
import { systemCode } from './system-code.ts'

/** The current key stands first. */
const keyFileSchema = z.strictObject({
  schema: z.literal('parapet.keys/1'),
  keys: z.array(z.strictObject({ key: z.string(), createdAt: z.int().min(0) })).min(1),
})
type KeyFile = z.infer<typeof keyFileSchema>

/** Anything for others, and writing for the group. A group may read: that is how containers hand secrets over. */
const EXPOSED_MODE = 0o027

/**
 * The keys in a file, which is made (32 random bytes, mode 0600) when it is not there. Processes that start at once
 * agree on one key. Reads synchronously: once, at start, a small file.
 * @throws PARAPET_RECORD_KEY_FILE_UNAVAILABLE, PARAPET_RECORD_KEY_FILE_INVALID, PARAPET_RECORD_KEY_FILE_EXPOSED
 */
export function fileKeys(path: string): RecordKeys {
  return keysOf(path, readKeyFile(path) ?? createKeyFile(path))
}

/**
 * Makes a new current key; the ones before it stay, so that older records can still be traced. Processes use it from
 * their next start.
 * @throws PARAPET_RECORD_KEY_FILE_LOCKED when another process is changing the file
 */
export function rotateKeyFile(path: string): RecordKeys {
  return changeKeyFile(path, ({ schema, keys }) => ({ schema, keys: [newKey(), ...keys] }))
}

/**
 * Removes an earlier key for good. Digests made with it can never again be traced to a text or a person, by anyone.
 * @throws PARAPET_RECORD_KEY_UNKNOWN for the current key or one that is not there
 */
export function forgetFileKey(path: string, id: string): RecordKeys {
  return changeKeyFile(path, ({ schema, keys }) => {
    const kept = keys.filter(({ key }, index) => index === 0 || parseKey(key).id !== id)
    if (kept.length === keys.length) throw recordError('PARAPET_RECORD_KEY_UNKNOWN', { id })
    return { schema, keys: kept }
  })
}

function keysOf(path: string, file: KeyFile): RecordKeys {
  try {
    const [current, ...previous] = file.keys.map(({ key }) => parseKey(key)) as [RecordKey, ...RecordKey[]]
    return recordKeys({ current, previous })
  } catch {
    throw recordError('PARAPET_RECORD_KEY_FILE_INVALID', { path, issue: 'it holds a key that is not usable' })
  }
}

const newKey = (): KeyFile['keys'][number] => ({
  key: randomBytes(LEAST_KEY_BYTES).toString('base64'),
  createdAt: Date.now(),
})

function readKeyFile(path: string): KeyFile | undefined {
  let text: string
  try {
    const file = openSync(path, 'r')
    try {
      const mode = fstatSync(file).mode & 0o777
      if (process.platform !== 'win32' && (mode & EXPOSED_MODE) !== 0)
        throw recordError('PARAPET_RECORD_KEY_FILE_EXPOSED', { path, mode: `0${mode.toString(8)}` })
      text = readFileSync(file, 'utf8')
    } finally {
      closeSync(file)
    }
  } catch (error) {
    if (isParapetError(error)) throw error
    if (systemCode(error) === 'ENOENT') return undefined
    throw unavailable(path, error)
  }
  return parseKeyFile(path, text)
}

function parseKeyFile(path: string, text: string): KeyFile {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    // Without the cause: a parser's message quotes what it read, and this is a secret.
    throw recordError('PARAPET_RECORD_KEY_FILE_INVALID', { path, issue: 'it is not JSON' })
  }
  const result = keyFileSchema.safeParse(json)
  if (!result.success)
    throw recordError('PARAPET_RECORD_KEY_FILE_INVALID', { path, issue: 'it does not fit the schema' })
  return result.data
}

/** Written whole beside its place and then linked there: a reader sees all of it or none, and the first one wins. */
function createKeyFile(path: string): KeyFile {
  const file: KeyFile = { schema: 'parapet.keys/1', keys: [newKey()] }
  try {
    mkdirSync(dirname(path), { recursive: true })
    const written = writeBeside(path, file)
    try {
      linkSync(written, path)
    } finally {
      unlinkSync(written)
    }
    syncFolder(path)
    return file
  } catch (error) {
    const winner = systemCode(error) === 'EEXIST' ? readKeyFile(path) : undefined
    if (winner) return winner
    throw unavailable(path, error)
  }
}

function changeKeyFile(path: string, change: (file: KeyFile) => KeyFile): RecordKeys {
  let lock: number
  try {
    lock = openSync(`${path}.lock`, 'wx', 0o600)
  } catch (error) {
    if (systemCode(error) === 'EEXIST') throw recordError('PARAPET_RECORD_KEY_FILE_LOCKED', { path })
    throw unavailable(path, error)
  }
  try {
    const changed = change(readKeyFile(path) ?? createKeyFile(path))
    const keys = keysOf(path, changed)
    renameSync(writeBeside(path, changed), path)
    syncFolder(path)
    return keys
  } catch (error) {
    throw isParapetError(error) ? error : unavailable(path, error)
  } finally {
    closeSync(lock)
    unlinkSync(`${path}.lock`)
  }
}

function writeBeside(path: string, content: KeyFile): string {
  const beside = `${path}.${randomBytes(6).toString('hex')}.tmp`
  const file = openSync(beside, 'wx', 0o600)
  try {
    writeFileSync(file, `${JSON.stringify(content, null, 2)}\n`)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  return beside
}

/** Makes the file's name as durable as its content. Not every system can open a folder: there it is left out. */
function syncFolder(path: string): void {
  if (process.platform === 'win32') return
  const folder = openSync(dirname(path), 'r')
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}

function unavailable(path: string, error: unknown): Error {
  return recordError(
    'PARAPET_RECORD_KEY_FILE_UNAVAILABLE',
    { path, system: systemCode(error) },
    { cause: error },
  )
}
