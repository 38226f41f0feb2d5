import { describe, expect, it } from '@jest/globals'
import { queueFault } from '@parapet/sdk/review-rules'
import { toFault } from './sqlite-fault.ts'

const DATABASE = { path: '/no/such/folder/review.db', busyTimeoutMs: 250 }

/** As node:sqlite throws it; its text may quote a value. */
const sqliteError = (errcode: number) =>
  Object.assign(new Error('canary-17d0'), { code: 'ERR_SQLITE_ERROR', errcode })

describe('toFault', () => {
  it.each([
    ['SQLITE_BUSY', 5, 'PARAPET_QUEUE_LOCKED'],
    ['SQLITE_BUSY_SNAPSHOT', 517, 'PARAPET_QUEUE_LOCKED'],
    ['SQLITE_LOCKED', 6, 'PARAPET_QUEUE_LOCKED'],
    ['SQLITE_READONLY', 8, 'PARAPET_QUEUE_READ_ONLY'],
    ['SQLITE_READONLY_DBMOVED', 1032, 'PARAPET_QUEUE_READ_ONLY'],
    ['SQLITE_CORRUPT_INDEX', 779, 'PARAPET_QUEUE_CORRUPT'],
    ['SQLITE_NOTADB', 26, 'PARAPET_QUEUE_CORRUPT'],
    ['SQLITE_FULL', 13, 'PARAPET_QUEUE_FULL'],
    ['SQLITE_CANTOPEN', 14, 'PARAPET_QUEUE_UNREACHABLE'],
    ['SQLITE_IOERR_FSYNC', 1034, 'PARAPET_QUEUE_FAILED'],
    ['SQLITE_TOOBIG', 18, 'PARAPET_QUEUE_FAILED'],
  ])('says what %s means, and not what SQLite said', (_, errcode, code) => {
    const fault = toFault(sqliteError(errcode), DATABASE)

    expect(fault.code).toBe(code)
    expect(JSON.stringify(fault)).not.toContain('canary')
  })

  it('passes on what the queue itself refused', () => {
    const refused = queueFault('PARAPET_QUEUE_NOT_FOUND', { call: 'claim' })

    expect(toFault(refused, DATABASE)).toBe(refused.fault)
  })

  it('names the code of any other error, and none of its words', () => {
    expect(toFault(Object.assign(new Error('canary'), { code: 'ERR_INVALID_ARG_TYPE' }), DATABASE)).toEqual({
      code: 'PARAPET_QUEUE_FAILED',
      details: { where: DATABASE.path, fault: 'ERR_INVALID_ARG_TYPE' },
    })
    expect(toFault(new Error('canary'), DATABASE).details).toMatchObject({ fault: 'unexpected' })
  })
})
