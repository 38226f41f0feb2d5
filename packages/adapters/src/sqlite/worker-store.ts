import { Worker } from 'node:worker_threads'
import { queueError, type ReviewStore, type StoreListener } from '@parapet/sdk'
import { QueueFault } from '@parapet/sdk/review-rules'
import type { Answer, Call } from './group-commit.ts'
import type { FromWorker, ToWorker, WorkerOptions } from './store-worker.ts'
import type { SqliteTransactions } from './transactions.ts'

interface Pending {
  readonly name: string
  readonly resolve: (value: never) => void
  readonly reject: (error: Error) => void
}

/**
 * The app's end of the thread that owns the database. Calls of one turn of the event loop go over in one message, and
 * the other end commits whatever has arrived in one transaction. The thread starts with the first call, keeps the process
 * alive only while a call is under way, and is replaced when it dies.
 */
export class WorkerStore implements ReviewStore {
  readonly pollMs: number
  readonly #options: WorkerOptions
  readonly #startWorker: (options: WorkerOptions) => Worker
  readonly #pending = new Map<number, Pending>()
  #listener: StoreListener | undefined
  #worker: Worker | undefined
  #outgoing: Call[] = []
  #nextNumber = 1
  #closed: Promise<void> | undefined

  /** `startWorker` is replaced in tests alone. */
  constructor(
    options: WorkerOptions & { readonly pollMs: number },
    startWorker: (options: WorkerOptions) => Worker = startStoreWorker,
  ) {
    const { pollMs, ...rest } = options
    this.pollMs = pollMs
    this.#options = rest
    this.#startWorker = startWorker
  }

  listen(listener: StoreListener): void {
    this.#listener = listener
  }

  run<Name extends keyof SqliteTransactions>(
    name: Name,
    at: number,
    input: Parameters<SqliteTransactions[Name]>[1],
  ): Promise<ReturnType<SqliteTransactions[Name]>> {
    return new Promise((resolve, reject) => {
      if (this.#closed !== undefined) throw queueError('PARAPET_QUEUE_CLOSED', { call: name })
      const number = this.#nextNumber++
      this.#pending.set(number, { name, resolve: resolve as Pending['resolve'], reject })
      this.#outgoing.push({ number, name, at, input })
      if (this.#outgoing.length === 1) queueMicrotask(() => this.#send())
    })
  }

  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    this.#send()
    const worker = this.#worker
    if (!worker) return
    worker.ref()
    const gone = new Promise<void>((resolve) => worker.once('exit', () => resolve()))
    worker.postMessage({ kind: 'close' } satisfies ToWorker)
    await gone
  }

  #send(): void {
    if (this.#outgoing.length === 0) return
    const calls = this.#outgoing
    this.#outgoing = []
    this.#worker ??= this.#start()
    this.#worker.ref()
    this.#worker.postMessage({ kind: 'calls', calls } satisfies ToWorker)
  }

  #start(): Worker {
    const worker = this.#startWorker(this.#options)
    worker.on('message', (message: FromWorker) => this.#receive(message))
    worker.on('error', () => this.#lose(worker))
    worker.on('exit', () => this.#lose(worker))
    return worker
  }

  #receive(message: FromWorker): void {
    if (message.kind === 'closed') return
    this.#listener?.settled(message.settled)
    this.#listener?.dueAt(message.dueAt)
    for (const answer of message.answers) this.#answer(answer)
    if (this.#pending.size === 0 && this.#closed === undefined) this.#worker?.unref()
  }

  #answer(answer: Answer): void {
    const pending = this.#pending.get(answer.number)
    if (!pending) return
    this.#pending.delete(answer.number)
    if ('fault' in answer) pending.reject(new QueueFault(answer.fault))
    else pending.resolve(answer.value as never)
  }

  /** The thread is gone; whether its last commit was made is not known. Calls may be repeated: they are idempotent. */
  #lose(worker: Worker): void {
    if (this.#worker !== worker) return
    this.#worker = undefined
    const lost = [...this.#pending.values()]
    this.#pending.clear()
    this.#outgoing = []
    const where = this.#options.path
    for (const { reject } of lost) {
      reject(queueError('PARAPET_QUEUE_FAILED', { where, fault: 'its thread ended' }))
    }
  }
}

function startStoreWorker(options: WorkerOptions): Worker {
  // Run from sources, this file is TypeScript, and so is the worker's.
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  const sources = extension === 'ts' ? ['--conditions=@parapet/source'] : []
  return new Worker(new URL(`./store-worker.${extension}`, import.meta.url), {
    name: 'parapet-review-queue',
    workerData: options,
    // Not the app's own flags: some (`--input-type`, loaders) are not for this thread.
    execArgv: ['--disable-warning=ExperimentalWarning', ...sources],
  })
}
