import { accessSync, constants } from 'node:fs'
import { dirname } from 'node:path'
import { type Fault, QueueFault } from '@parapet/sdk/review-rules'

/** Primary result codes of SQLite (the low byte of the extended ones): https://www.sqlite.org/rescode.html */
const BUSY = 5
const LOCKED = 6
const READ_ONLY = 8
const CORRUPT = 11
const FULL = 13
const CANNOT_OPEN = 14
const NOT_A_DATABASE = 26

/** What an error thrown beside the database means to the queue's users. Its own text stays here: it may quote data. */
export function toFault(
  error: unknown,
  database: { readonly path: string; readonly busyTimeoutMs: number },
): Fault {
  if (error instanceof QueueFault) return error.fault
  const where = database.path
  const { errcode, code } = error as { errcode?: unknown; code?: unknown }
  if (typeof errcode !== 'number') {
    const fault = typeof code === 'string' && /^[A-Z_0-9]{1,64}$/.test(code) ? code : 'unexpected'
    return { code: 'PARAPET_QUEUE_FAILED', details: { where, fault } }
  }
  switch (errcode & 0xff) {
    case BUSY:
    case LOCKED:
      return { code: 'PARAPET_QUEUE_LOCKED', details: { where, busyTimeoutMs: database.busyTimeoutMs } }
    case READ_ONLY:
      return { code: 'PARAPET_QUEUE_READ_ONLY', details: { where } }
    case CORRUPT:
    case NOT_A_DATABASE:
      return { code: 'PARAPET_QUEUE_CORRUPT', details: { where } }
    case FULL:
      return { code: 'PARAPET_QUEUE_FULL', details: { where } }
    case CANNOT_OPEN:
      return { code: whyNotOpened(where), details: { where } }
    default:
      return { code: 'PARAPET_QUEUE_FAILED', details: { where, fault: `SQLite result ${errcode}` } }
  }
}

/** SQLite says no more than "unable to open": a folder that is there but shut is a matter of permissions. */
function whyNotOpened(path: string): 'PARAPET_QUEUE_READ_ONLY' | 'PARAPET_QUEUE_UNREACHABLE' {
  const folder = dirname(path)
  if (!permits(folder, constants.F_OK)) return 'PARAPET_QUEUE_UNREACHABLE'
  const writable =
    permits(folder, constants.W_OK) && (!permits(path, constants.F_OK) || permits(path, constants.W_OK))
  return writable ? 'PARAPET_QUEUE_UNREACHABLE' : 'PARAPET_QUEUE_READ_ONLY'
}

// Asks for access and opens nothing: closing any descriptor of a database drops SQLite's locks on it (POSIX).
function permits(path: string, mode: number): boolean {
  try {
    accessSync(path, mode)
    return true
  } catch {
    return false
  }
}
