// The thread that owns the database. `node:sqlite` blocks its thread for the whole of an fsync, so it may not be the
// app's. A thread, not a child process as for models: SQLite runs no native code that must be killed in mid-flight, a
// crash of the app in mid-commit is what its log is made for, and a message to a thread costs microseconds.
// It loads node:sqlite, the queries, and of the SDK the rules alone.
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { type Answer, type Call, groupCommit } from './group-commit.ts'
import { type DatabaseOptions, openDatabase } from './open-database.ts'
import { ReviewDatabase } from './review-database.ts'
import { scrub, scrubDue } from './scrub.ts'
import { toFault } from './sqlite-fault.ts'

/** What the app's thread sends. */
export type ToWorker =
  | { readonly kind: 'calls'; readonly calls: readonly Call[] }
  | { readonly kind: 'close' }

/** What it gets. */
export type FromWorker =
  | {
      readonly kind: 'answers'
      readonly answers: readonly Answer[]
      readonly settled: readonly string[]
      readonly dueAt: number | undefined
    }
  | { readonly kind: 'closed' }

/** What the worker is started with. */
export interface WorkerOptions extends DatabaseOptions {
  readonly maxBatch: number
}

/** How long text that was erased may stay in the write-ahead log while a reader elsewhere keeps it from being cut. */
const SCRUB_RETRY_MS = 1_000

if (parentPort === null) throw new Error('store-worker is started by worker-store')
const port = parentPort
const options = workerData as WorkerOptions
let database: ReviewDatabase | undefined
let waiting: Call[] = []
let closing = false
let scrubTimer: NodeJS.Timeout | undefined

port.on('message', (message: ToWorker) => {
  take(message)
  while (waiting.length > 0) {
    // All that arrived during the commit before is in the next one.
    for (let next = receive(); next; next = receive()) take(next)
    const calls = waiting.slice(0, options.maxBatch)
    waiting = waiting.slice(options.maxBatch)
    post(run(calls))
  }
  if (closing) close()
})

function take(message: ToWorker): void {
  if (message.kind === 'close') closing = true
  else waiting = waiting.length === 0 ? [...message.calls] : waiting.concat(message.calls)
}

function receive(): ToWorker | undefined {
  return (receiveMessageOnPort(port) as { message: ToWorker } | undefined)?.message
}

function run(calls: readonly Call[]): FromWorker {
  try {
    // Opened when first needed, and tried again each time until it works.
    database ??= new ReviewDatabase(openDatabase(options))
    const { answers, settled } = groupCommit(database, calls, (error) => toFault(error, options))
    scrubWhereDue(database)
    return { kind: 'answers', answers, settled, dueAt: nextDueAt(database) }
  } catch (error) {
    const fault = toFault(error, options)
    const answers = calls.map(({ number }) => ({ number, fault }))
    return { kind: 'answers', answers, settled: [], dueAt: undefined }
  }
}

function nextDueAt(open: ReviewDatabase): number | undefined {
  try {
    return open.nextDueAt()
  } catch {
    // The answers stand; the next call will report what ails the database.
    return undefined
  }
}

/**
 * Cuts erased text from the write-ahead log, whoever erased it. Where another process is in the way it is tried again: after
 * a pause, not after each commit.
 */
function scrubWhereDue(open: ReviewDatabase): void {
  if (scrubTimer !== undefined || !open.database.isOpen) return
  try {
    const due = scrubDue(open)
    if (due === undefined || scrub(open, due, options.busyTimeoutMs)) return
  } catch {
    // The answers stand; the next call will report what ails the database.
  }
  scrubTimer = setTimeout(() => {
    scrubTimer = undefined
    scrubWhereDue(open)
  }, SCRUB_RETRY_MS)
}

function close(): void {
  clearTimeout(scrubTimer)
  try {
    database?.database.close()
  } catch {
    // What was acknowledged is durable; the next one to open writes the log back.
  }
  post({ kind: 'closed' })
  port.close()
}

function post(message: FromWorker): void {
  port.postMessage(message)
}
