import { execFile } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from '@jest/globals'
import { fileKeys, forgetFileKey, rotateKeyFile } from './key-file.ts'

const newPath = () => join(mkdtempSync(join(tmpdir(), 'parapet-keys-')), 'deep', 'record.key')
const ofCode = (code: string) => expect.objectContaining({ code })

describe('fileKeys', () => {
  it('makes a key of 32 random bytes that only the owner can read, and finds it again', () => {
    const path = newPath()
    const made = fileKeys(path)

    expect(made.current.key).toHaveLength(32)
    expect(fileKeys(newPath()).current.key).not.toEqual(made.current.key)
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(fileKeys(path).current).toEqual(made.current)
    expect(readdirSync(join(path, '..'))).toEqual(['record.key'])
  })

  it('gives processes that start at once the same key', async () => {
    const path = newPath()
    const program = `
      import { fileKeys } from ${JSON.stringify(join(import.meta.dirname, 'key-file.ts'))}
      process.stdout.write(fileKeys(process.argv[1]).current.id)`
    const runs = Array.from({ length: 6 }, () =>
      promisify(execFile)(process.execPath, [
        '--conditions=@parapet/source',
        '--input-type=module',
        '-e',
        program,
        path,
      ]),
    )
    const ids = (await Promise.all(runs)).map(({ stdout }) => stdout)

    expect(new Set(ids)).toEqual(new Set([fileKeys(path).current.id]))
    expect(readdirSync(join(path, '..'))).toEqual(['record.key'])
  })

  it('refuses a file that others can read, and names the way out', () => {
    const path = newPath()
    fileKeys(path)
    chmodSync(path, 0o644)

    expect(() => fileKeys(path)).toThrow(ofCode('PARAPET_RECORD_KEY_FILE_EXPOSED'))
    expect(() => fileKeys(path)).toThrow(/0644.*chmod 600/)
  })

  it.each([
    ['not JSON', 'canary-secret'],
    ['another schema', '{"schema":"canary-secret","keys":[]}'],
    ['no keys', '{"schema":"parapet.keys/1","keys":[]}'],
    ['a short key', '{"schema":"parapet.keys/1","keys":[{"key":"canarysecret","createdAt":1}]}'],
  ])('refuses a file with %s, keeps it, and prints nothing of it', (_name, content) => {
    const path = newPath()
    fileKeys(path)
    writeFileSync(path, content)

    expect(() => fileKeys(path)).toThrow(ofCode('PARAPET_RECORD_KEY_FILE_INVALID'))
    expect(() => fileKeys(path)).not.toThrow(/canary/)
    expect(readFileSync(path, 'utf8')).toBe(content)
  })

  it('names a place where no file can be', () => {
    expect(() => fileKeys('/dev/null/record.key')).toThrow(ofCode('PARAPET_RECORD_KEY_FILE_UNAVAILABLE'))
  })
})

describe('rotateKeyFile', () => {
  it('makes a new current key and keeps the ones before it', () => {
    const path = newPath()
    const first = fileKeys(path).current
    const second = rotateKeyFile(path).current
    const keys = fileKeys(path)

    expect(second.id).not.toBe(first.id)
    expect(keys.current).toEqual(second)
    expect(keys.find(first.id)).toEqual(first)
    expect(statSync(path).mode & 0o777).toBe(0o600)
  })

  it('refuses while another process changes the file', () => {
    const path = newPath()
    const before = fileKeys(path).current
    writeFileSync(`${path}.lock`, '')

    expect(() => rotateKeyFile(path)).toThrow(ofCode('PARAPET_RECORD_KEY_FILE_LOCKED'))
    expect(fileKeys(path).current).toEqual(before)
  })
})

describe('forgetFileKey', () => {
  it('removes an earlier key from the disk', () => {
    const path = newPath()
    const first = fileKeys(path).current
    rotateKeyFile(path)
    const keys = forgetFileKey(path, first.id)

    expect(keys.find(first.id)).toBeUndefined()
    expect(readFileSync(path, 'utf8')).not.toContain(Buffer.from(first.key).toString('base64'))
    expect(existsSync(`${path}.lock`)).toBe(false)
  })

  it('refuses the current key and one that is not there, and changes nothing', () => {
    const path = newPath()
    const { id } = fileKeys(path).current

    for (const unknown of [id, 'k0'])
      expect(() => forgetFileKey(path, unknown)).toThrow(ofCode('PARAPET_RECORD_KEY_UNKNOWN'))
    expect(fileKeys(path).current.id).toBe(id)
    expect(existsSync(`${path}.lock`)).toBe(false)
  })
})
