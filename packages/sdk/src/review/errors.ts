import { entry, errorsOf } from '../errors/catalogue.ts'

/** A fault of the file or server behind a queue. `where` is the operator's own path or name for it. */
interface StoreFault {
  readonly where: string
}

/** The errors of review queues. Ids in them are the queue's own; nothing a user wrote is. */
export const QUEUE_ERRORS = {
  PARAPET_QUEUE_INVALID: entry<{ call: string; problems: readonly string[] }>(
    ({ call, problems }) =>
      `The argument of queue.${call} is malformed: ${problems.join('; ')}. Correct it as its type says; nothing was stored.`,
  ),
  PARAPET_QUEUE_NOT_FOUND: entry<{ call: string }>(
    ({ call }) =>
      `queue.${call} names an item that this queue does not hold. Expected the id of an item that enqueue returned, of the tenant named. Check that both sides use the same database.`,
  ),
  PARAPET_QUEUE_KEY_REUSED: entry<{ id: string; differs: string }>(
    ({ id, differs }) =>
      `The key belongs to item ${id}, whose ${differs} differs. Expected a key that stands for one content under one binding. Make the key from the request, the content's digest and the binding hash.`,
  ),
  PARAPET_QUEUE_CLAIMED: entry<{ id: string; leaseUntil: number }>(
    ({ id, leaseUntil }) =>
      `Item ${id} is in another reviewer's hands until ${new Date(leaseUntil).toISOString()}. Expected an open item. Claim another, or wait until it is released or its lease runs out.`,
    { retryable: true },
  ),
  PARAPET_QUEUE_DECIDED: entry<{ id: string; state: string }>(
    ({ id, state }) =>
      `Item ${id} is ${state} already. Expected an undecided item: a decision is final. Read the item to see who decided it, and when.`,
  ),
  PARAPET_QUEUE_EXPIRED: entry<{ id: string; otherwise: string }>(
    ({ id, otherwise }) =>
      `Item ${id} expired undecided (otherwise: ${otherwise}). Expected a decision before its deadline. Give reviewers more time with withinMs, or set up more reviewers.`,
  ),
  PARAPET_QUEUE_LEASE_LOST: entry<{ id: string }>(
    ({ id }) =>
      `The claim on item ${id} is no longer held: it was released, or its lease ran out. Expected the token of the current claim. Claim the item again and look at it anew; extend the lease while you read.`,
  ),
  PARAPET_QUEUE_BARRED: entry<{ id: string }>(
    ({ id }) =>
      `This reviewer may not have item ${id}: they gave an opinion on it already, or decided what it appeals against. Expected another reviewer. Claim another item.`,
  ),
  PARAPET_QUEUE_CHANGED: entry<{ id: string; revision: number }>(
    ({ id, revision }) =>
      `Item ${id} has changed since it was read: it is at revision ${revision} now. Expected the revision of the item that was looked at. Read it again, and decide on what it says now.`,
  ),
  PARAPET_QUEUE_OUTCOME: entry<{ id: string; kind: string; outcome: string }>(
    ({ id, kind, outcome }) =>
      `Item ${id} is of the kind ${kind}, which has no outcome "${outcome}". Expected approve or reject for every kind, answer for input and output, edit for output alone.`,
  ),
  PARAPET_QUEUE_UNDO_REFUSED: entry<{ id: string; state: string }>(
    ({ id, state }) =>
      `The decision on item ${id} (${state}) cannot be undone: it is in effect, or was not made under this token. Expected the token of a decision within its undoMs. What took effect stays; the end user may appeal.`,
  ),
  PARAPET_QUEUE_APPEAL_REFUSED: entry<{ call: string }>(
    ({ call }) =>
      `queue.${call} refuses the appeal: the token is unknown or was replaced, the hold was not denied, its text is gone, or it was appealed or is an appeal itself. Expected the last token offered for a denied hold. Offer another, where the item allows one.`,
  ),
  PARAPET_QUEUE_TOO_LARGE: entry<{ bytes: number; maxItemBytes: number }>(
    ({ bytes, maxItemBytes }) =>
      `The item is ${bytes} bytes long; this queue takes ${maxItemBytes}. Nothing was stored, and nothing passed. Lower limits.maxCharacters of the policy, or raise maxItemBytes of the queue.`,
  ),
  PARAPET_QUEUE_ABORTED: entry<{ call: string }>(
    ({ call }) =>
      `queue.${call} was aborted by its signal. The item is untouched: expected the caller to stay. Wait again with the same id.`,
    { retryable: true },
  ),
  PARAPET_QUEUE_CLOCK: entry<StoreFault & { skewSeconds: number; maxClockSkewMs: number }>(
    ({ where, skewSeconds, maxClockSkewMs }) =>
      `This machine's clock is ${skewSeconds} s from that of the review database ${where}; ${maxClockSkewMs} ms are let be. Expected clocks in step: deadlines go by them. Nothing was read or stored: set the clock that is off (NTP), or raise maxClockSkewMs.`,
  ),
  PARAPET_QUEUE_CLOSED: entry<{ call: string }>(
    ({ call }) =>
      `queue.${call} was called on a closed queue, or the queue was closed meanwhile. Expected an open one. Make a new queue on the same database: what was acknowledged is in it.`,
  ),
  PARAPET_QUEUE_OPTIONS: entry<{ problems: readonly string[] }>(
    ({ problems }) =>
      `The options of the review queue are malformed: ${problems.join('; ')}. See docs/review.md for every option and its range.`,
  ),
  PARAPET_QUEUE_LOCKED: entry<StoreFault & { busyTimeoutMs: number }>(
    ({ where, busyTimeoutMs }) =>
      `The review database ${where} stayed locked for ${busyTimeoutMs} ms. Expected the other writer to finish within busyTimeoutMs. Nothing was stored: try again, find the process that holds it (an open transaction, a backup), or raise busyTimeoutMs.`,
    { retryable: true },
  ),
  PARAPET_QUEUE_CORRUPT: entry<StoreFault>(
    ({ where }) =>
      `The review database ${where} is damaged or is no SQLite database. Expected a database that this queue made. Move it aside and restore a backup, or salvage it with "sqlite3 <file> .recover".`,
  ),
  PARAPET_QUEUE_FOREIGN: entry<StoreFault>(
    ({ where }) =>
      `The database ${where} belongs to another program. Expected an empty file or a review database. Choose another path for the queue.`,
  ),
  PARAPET_QUEUE_READ_ONLY: entry<StoreFault>(
    ({ where }) =>
      `The review database ${where} cannot be written. Expected write access to the file and to its folder, where SQLite keeps the -wal and -shm files. Change owner or permissions, or mount the volume for writing.`,
  ),
  PARAPET_QUEUE_UNREACHABLE: entry<StoreFault>(
    ({ where }) =>
      `The review database ${where} cannot be opened. Expected an existing folder and a regular file, or none yet; on a server, a database that is there. Create the folder or the database, or correct the path.`,
    { retryable: true },
  ),
  PARAPET_QUEUE_DISCONNECTED: entry<StoreFault & { fault: string }>(
    ({ where, fault }) =>
      `The review database ${where} could not be reached, or the connection to it was lost (${fault}). Expected a server that answers in time. An enqueue may be tried again with the same key, a decision with the same token; check address, network and the server's log.`,
    { retryable: true },
  ),
  PARAPET_QUEUE_DENIED: entry<StoreFault & { fault: string }>(
    ({ where, fault }) =>
      `The review database ${where} refused this role or does not take writes (${fault}). Expected a role that may log in, use the schema and write to its tables, on a primary server. Correct the credentials, grant the privileges, or connect to the primary.`,
  ),
  PARAPET_QUEUE_NEWER_VERSION: entry<StoreFault & { found: number; known: number }>(
    ({ where, found, known }) =>
      `The review database ${where} has schema version ${found}; this release knows versions up to ${known}. Expected the same release or a newer one. Upgrade @parapet/adapters on this machine; nothing was changed.`,
  ),
  PARAPET_QUEUE_FULL: entry<StoreFault>(
    ({ where }) =>
      `There is no room for the review database ${where}: the disk is full, or maxBytes is reached. Nothing was stored. Free space or raise maxBytes, then try again.`,
    { retryable: true },
  ),
  PARAPET_QUEUE_FAILED: entry<StoreFault & { fault: string }>(
    ({ where, fault }) =>
      `The review database ${where} failed (${fault}). Expected it to answer. An enqueue may be tried again with the same key, a decision with the same token; check the disk and the system's log if it happens again.`,
    { retryable: true },
  ),
} as const

/** Builds an error of a review queue: `queueError('PARAPET_QUEUE_…', details)`. */
export const queueError = errorsOf(QUEUE_ERRORS)

/** The code of an error of a review queue. */
export type QueueErrorCode = keyof typeof QUEUE_ERRORS
