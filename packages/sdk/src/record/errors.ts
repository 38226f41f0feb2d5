import { entry, errorsOf } from '../errors/catalogue.ts'

/** Faults of decision records and their keys. Names files, counts and system codes; never a text or a key. */
export const RECORD_ERRORS = {
  PARAPET_RECORD_OPTIONS_INVALID: entry<{ issue: string }>(
    ({ issue }) =>
      `The options of the record sink are wrong: ${issue}. See docs/records.md for every option and its range.`,
  ),
  PARAPET_RECORD_INVALID: entry<{ issue: string }>(
    ({ issue }) =>
      `A record does not fit the schema parapet.record/1: ${issue}. It was not stored. Hand over a body as the guard makes it; text has no place in it.`,
  ),
  PARAPET_RECORD_TOO_LARGE: entry<{ bytes: number; maxBytes: number }>(
    ({ bytes, maxBytes }) =>
      `A record takes ${bytes} bytes, and at most ${maxBytes} can be read back. It was not stored. Judge longer windows, or lower limits.maxCharacters of the policy.`,
  ),
  PARAPET_RECORD_BACKLOG: entry<{ pending: number }>(
    ({ pending }) =>
      `${pending} records wait to be written, as many as maxPending allows. The disk is slower than the requests. Try again, or raise maxPending.`,
    { retryable: true },
  ),
  PARAPET_RECORD_DISK_FULL: entry<{ path: string; system: string }>(
    ({ path, system }) =>
      `The record could not be written to ${path}: there is no room (${system}). Free space or move the records; appending works again once there is.`,
    { retryable: true },
  ),
  PARAPET_RECORD_READ_ONLY: entry<{ path: string; system: string }>(
    ({ path, system }) =>
      `The record could not be written to ${path}: this process may not write there (${system}). Expected a folder and file it may append to. Change the permissions, or choose another path.`,
  ),
  PARAPET_RECORD_WRITE_FAILED: entry<{ path: string; system: string }>(
    ({ path, system }) =>
      `The record could not be written to ${path} (${system}). It may or may not be there. Look at the disk; appending is tried again with the next record.`,
    { retryable: true },
  ),
  PARAPET_RECORD_CLOSED: entry<undefined>(
    () =>
      'The record sink was closed, so the record was not stored. Close it after the guard, and append nothing afterwards.',
  ),
  PARAPET_RECORD_READ_FAILED: entry<{ path: string; system: string }>(
    ({ path, system }) =>
      `The records in ${path} could not be read (${system}). Expected a file of JSON lines. Check the path and its permissions.`,
  ),
  PARAPET_RECORD_HEADS_INVALID: entry<{ issue: string }>(
    ({ issue }) =>
      `The heads to verify against are wrong: ${issue}. Expected a list of { writer, sequence, hash } as verifyRecords gives them.`,
  ),
  PARAPET_RECORD_LINE_TOO_LONG: entry<{ bytes: number; maxBytes: number }>(
    ({ bytes, maxBytes }) =>
      `The line takes ${bytes} bytes, more than the ${maxBytes} that a record may. It was not read.`,
  ),
  PARAPET_RECORD_LINE_NOT_JSON: entry<undefined>(
    () =>
      'The line is not a JSON object in UTF-8. Records are written as one JSON object a line; something else was written here.',
  ),
  PARAPET_RECORD_LINE_TRUNCATED: entry<undefined>(
    () =>
      'The line begins like a record and is cut off. A crash or a full disk leaves such a line behind its last record; so does an edit.',
  ),
  PARAPET_RECORD_LINE_INVALID: entry<{ issue: string }>(
    ({ issue }) =>
      `The line does not fit the schema parapet.record/1: ${issue}. It was not written by a sink of Parapet, or was changed.`,
  ),
  PARAPET_RECORD_LINE_VERSION: entry<undefined>(
    () =>
      'The line has another schema than parapet.record/1. A newer Parapet wrote it: read it with that version or a later one.',
  ),
  PARAPET_RECORD_NOT_FOUND: entry<{ lines: number; unreadable: number }>(
    ({ lines, unreadable }) =>
      `No decision has this id among ${lines} lines, ${unreadable} of them unreadable. Check the id, and name every file of the log (rotated ones too).`,
  ),
  PARAPET_RECORD_KEY_INVALID: entry<{ issue: string }>(
    ({ issue }) =>
      `The record key is not usable: ${issue}. Expected at least 32 random bytes, in text as base64: openssl rand -base64 32.`,
  ),
  PARAPET_RECORD_KEY_FILE_INVALID: entry<{ path: string; issue: string }>(
    ({ path, issue }) =>
      `The key file ${path} is not one of Parapet's: ${issue}. Expected JSON of schema parapet.keys/1. Restore it from a backup; a new one would lose the way from digests to texts.`,
  ),
  PARAPET_RECORD_KEY_FILE_EXPOSED: entry<{ path: string; mode: string }>(
    ({ path, mode }) =>
      `The key file ${path} has mode ${mode}, so others can read or change it. Expected 0600. Run: chmod 600 ${path}, and rotate the key if others may have read it.`,
  ),
  PARAPET_RECORD_KEY_FILE_UNAVAILABLE: entry<{ path: string; system: string }>(
    ({ path, system }) =>
      `The key file ${path} could not be read or made (${system}). Expected a folder this process may write to. Choose another path, or set PARAPET_RECORD_KEY.`,
  ),
  PARAPET_RECORD_KEY_FILE_LOCKED: entry<{ path: string }>(
    ({ path }) =>
      `Another process is changing the key file: ${path}.lock exists. Wait until it is done; if none is running, remove the lock file.`,
    { retryable: true },
  ),
  PARAPET_RECORD_KEY_UNKNOWN: entry<{ id: string }>(
    ({ id }) =>
      `The key ${id} cannot be forgotten: it is the current one or not there. Rotate first, then name an earlier key.`,
  ),
} as const

/** Builds an error of this area. */
export const recordError = errorsOf(RECORD_ERRORS)
