import { fault } from '../errors/codes.ts'
import type { RuntimeError } from '../errors/runtime-error.ts'
import type { TextDelta } from './decoder-model.ts'
import { type HostJob, makeJob } from './host-job.ts'
import type { HostLink, StartHost } from './host-link.ts'
import { LoadFailures } from './load-failures.ts'
import type { ModelHostOptions, ModelHostStatus } from './model-host.ts'
import type { FromHost, LoadSpecification, RequestWork, ToHost } from './protocol.ts'
import { Watchdog } from './watchdog.ts'
import { fromWireError } from './wire-error.ts'

/** Reading requests handed to the host at a time: one computes while the next is on its way. */
const READS_IN_HOST = 2
/** Hosts that a request is handed to at most, where they end before they say that they work on it. */
const HANDINGS = 2
/** Starts that may fail in a row before what waits is told. */
const STARTS_BEFORE_GIVING_UP = 3
const FIRST_BACKOFF_MS = 100
const LONGEST_BACKOFF_MS = 5_000
/** Reading graphs of one model that stay loaded; each holds its own copy of the prepared weights. */
const READING_GRAPHS_KEPT = 3

/** A part that is loaded, or being loaded, in the host that runs now. */
interface LoadingPart {
  readonly specification: LoadSpecification
  /** The load's message; `undefined` once it is loaded. */
  loadId: number | undefined
  usedAt: number
}

type Stop = 'unresponsive' | 'load-timeout' | 'closed'

/**
 * Keeps a host running: a bounded queue before it, loads where a request needs them, and another host when one ends.
 * What a host that ended was working on is rejected; what waited goes to the next.
 */
export class HostSupervisor {
  readonly #startHost: StartHost
  readonly #options: Required<ModelHostOptions>
  readonly #queue = new Set<HostJob>()
  readonly #running = new Map<number, HostJob>()
  readonly #parts = new Map<string, LoadingPart>()
  readonly #failures = new LoadFailures()
  readonly #watchdog: Watchdog
  #link: HostLink | undefined
  #ready = false
  #closing: PromiseWithResolvers<void> | undefined
  #stop: { why: Stop; silentMs: number } | undefined
  #backoff: NodeJS.Timeout | undefined
  #failedStarts = 0
  #crashes = 0
  #replaced = 0
  #residentBytes: number | undefined
  #nextId = 1

  constructor(startHost: StartHost, options: Required<ModelHostOptions>) {
    this.#startHost = startHost
    this.#options = options
    this.#watchdog = new Watchdog({
      ping: () => this.#say({ type: 'ping' }),
      silent: (silentMs) => this.#kill(this.#loading() ? 'load-timeout' : 'unresponsive', silentMs),
    })
  }

  /** Queues a request. @throws `PARAPET_RUNTIME_CLOSED`, `PARAPET_RUNTIME_OVERLOADED`, and the error of a load that failed shortly before */
  submit(specification: LoadSpecification, work: RequestWork, delta?: (delta: TextDelta) => void): HostJob {
    if (this.#closing) throw fault('PARAPET_RUNTIME_CLOSED', {})
    const cooling = this.#failures.cooling(specification.key)
    if (cooling) throw cooling
    const { maxQueue } = this.#options
    if (this.#queue.size >= maxQueue) {
      throw fault('PARAPET_RUNTIME_OVERLOADED', { waiting: this.#queue.size, maxQueue })
    }
    const job = makeJob(this.#nextId++, specification, work, delta)
    // Nobody may be left to hear of it.
    job.promise.catch(() => {})
    this.#queue.add(job)
    this.#dispatch()
    return job
  }

  /** Takes a request back. One that runs keeps its place until the host has stopped it. */
  cancel(job: HostJob): void {
    if (job.state === 'queued') {
      this.#queue.delete(job)
      job.state = 'settled'
      job.reject(fault('PARAPET_RUNTIME_ABORTED', {}))
      this.#dispatch()
    } else if (job.state === 'running') {
      job.left = true
      this.#say({ type: 'abort', id: job.id })
    }
  }

  status(): ModelHostStatus {
    const starting = this.#link === undefined ? 'idle' : 'starting'
    return {
      state: this.#closing ? 'closed' : this.#ready ? 'ready' : starting,
      queued: this.#queue.size,
      running: this.#running.size,
      replaced: this.#replaced,
      pid: this.#link?.pid,
      residentBytes: this.#residentBytes,
    }
  }

  async close(): Promise<void> {
    if (!this.#closing) {
      this.#closing = Promise.withResolvers<void>()
      clearTimeout(this.#backoff)
      this.#rejectAll([...this.#queue, ...this.#running.values()], fault('PARAPET_RUNTIME_CLOSED', {}))
      this.#settleTimers()
      // Whoever waits for the end needs the process to stay until it is seen.
      this.#link?.hold(true)
      if (this.#link) this.#kill('closed', 0)
      else this.#closing.resolve()
    }
    await this.#closing.promise
  }

  /** Hands on whatever can go on now. */
  #dispatch(): void {
    if (!this.#closing && this.#queue.size > 0) {
      if (!this.#link) this.#start()
      else if (this.#ready) for (const job of this.#queue) this.#handOn(job)
    }
    this.#settleTimers()
  }

  #handOn(job: HostJob): void {
    const { key } = job.specification
    const part = this.#parts.get(key)
    if (part === undefined) {
      const cooling = this.#failures.cooling(key)
      if (cooling) this.#reject(job, cooling)
      else this.#load(job.specification)
      return
    }
    if (part.loadId !== undefined || !this.#hasRoom(job)) return
    part.usedAt = performance.now()
    this.#queue.delete(job)
    job.state = 'running'
    job.handings += 1
    this.#running.set(job.id, job)
    this.#say({ type: 'request', id: job.id, key, work: job.work })
  }

  #hasRoom({ work }: HostJob): boolean {
    const answering = work.kind === 'answer'
    const same = [...this.#running.values()].filter(
      (job) => (job.work.kind === 'answer') === answering,
    ).length
    return same < (answering ? this.#options.maxGenerations : READS_IN_HOST)
  }

  #load(specification: LoadSpecification): void {
    this.#makeRoom(specification)
    const id = this.#nextId++
    this.#parts.set(specification.key, { specification, loadId: id, usedAt: performance.now() })
    this.#say({ type: 'load', id, specification })
  }

  /** Unloads the reading graph that was used longest ago, where a model would have too many. */
  #makeRoom({ folder, use }: LoadSpecification): void {
    if (use.kind !== 'reading') return
    const busy = new Set([...this.#running.values(), ...this.#queue].map((job) => job.specification.key))
    const readings = [...this.#parts].filter(
      ([, { specification }]) =>
        specification.use.kind === 'reading' && specification.folder.directory === folder.directory,
    )
    if (readings.length < READING_GRAPHS_KEPT) return
    const idle = readings.filter(([key, { loadId }]) => loadId === undefined && !busy.has(key))
    const [oldest] = idle.sort(([, a], [, b]) => a.usedAt - b.usedAt)
    if (!oldest) return
    this.#parts.delete(oldest[0])
    this.#say({ type: 'unload', key: oldest[0] })
  }

  #start(): void {
    if (this.#backoff) return
    this.#ready = false
    this.#stop = undefined
    let gone = false
    const link = this.#startHost({
      said: (message) => {
        if (!gone) this.#heard(message)
      },
      ended: (how) => {
        gone = true
        this.#ended(how)
      },
    })
    if (!gone) this.#link = link
  }

  #heard(message: FromHost): void {
    this.#watchdog.heard()
    switch (message.type) {
      case 'ready':
        this.#ready = true
        this.#failedStarts = 0
        break
      case 'alive':
        this.#residentBytes = message.residentBytes
        return
      case 'loaded':
        this.#loadEnded(message.id, undefined)
        break
      case 'begun': {
        const job = this.#running.get(message.id)
        if (job) job.begun = true
        return
      }
      case 'delta':
        this.#running.get(message.id)?.delta(message.delta)
        return
      case 'result':
        this.#crashes = 0
        this.#settle(message.id, (job) => job.resolve(message.result))
        break
      case 'error':
        if (this.#running.has(message.id)) {
          this.#settle(message.id, (job) => job.reject(fromWireError(message.error)))
        } else this.#loadEnded(message.id, fromWireError(message.error))
        break
    }
    this.#dispatch()
  }

  #settle(id: number, settle: (job: HostJob) => void): void {
    const job = this.#running.get(id)
    if (!job) return
    this.#running.delete(id)
    job.state = 'settled'
    settle(job)
  }

  #loadEnded(id: number, error: RuntimeError | undefined): void {
    const found = [...this.#parts].find(([, { loadId }]) => loadId === id)
    if (!found) return
    const [key, part] = found
    part.loadId = undefined
    if (error === undefined) this.#failures.loaded(key)
    else this.#loadFailed(key, error)
  }

  #loadFailed(key: string, error: RuntimeError): void {
    this.#parts.delete(key)
    this.#failures.failed(key, error)
    this.#rejectAll(
      [...this.#queue].filter((job) => job.specification.key === key),
      error,
    )
  }

  #kill(why: Stop, silentMs: number): void {
    // A host that is being killed already is not killed for another reason, but for closing.
    if (this.#stop && why !== 'closed') return
    this.#stop = { why, silentMs }
    this.#link?.kill()
  }

  #ended(how: string): void {
    const stop = this.#stop
    const started = this.#ready
    this.#link = undefined
    this.#ready = false
    this.#residentBytes = undefined
    const loading = [...this.#parts.values()].filter(({ loadId }) => loadId !== undefined)
    this.#parts.clear()
    if (this.#closing) {
      this.#closing.resolve()
      return
    }
    this.#replaced += 1
    this.#crashes += 1
    const ended =
      stop?.why === 'unresponsive'
        ? fault('PARAPET_RUNTIME_HOST_UNRESPONSIVE', { silentMs: stop.silentMs })
        : fault('PARAPET_RUNTIME_HOST_CRASHED', { how })
    const ran = [...this.#running.values()]
    const untouched = ran.filter(({ begun, left, handings }) => !begun && !left && handings < HANDINGS)
    this.#rejectAll(
      ran.filter((job) => !untouched.includes(job)),
      ended,
    )
    this.#queueAgain(untouched)
    for (const { specification } of loading) {
      const { key, folder } = specification
      const model = folder.manifest.id
      const { loadTimeoutMs } = this.#options
      const error =
        stop?.why === 'load-timeout'
          ? fault('PARAPET_MODEL_LOAD_TIMEOUT', { model, loadTimeoutMs })
          : fault('PARAPET_MODEL_LOAD_CRASHED', { model, how, attempts: this.#failures.nextAttempt(key) })
      this.#loadFailed(key, error)
    }
    if (!started) this.#startFailed(how)
    this.#startAgain()
  }

  /** Puts requests that no host has worked on before those that came after them. */
  #queueAgain(jobs: readonly HostJob[]): void {
    const later = [...this.#queue]
    this.#queue.clear()
    for (const job of jobs) {
      this.#running.delete(job.id)
      job.state = 'queued'
      this.#queue.add(job)
    }
    for (const job of later) this.#queue.add(job)
  }

  #startFailed(how: string): void {
    this.#failedStarts += 1
    if (this.#failedStarts < STARTS_BEFORE_GIVING_UP) return
    const error = fault('PARAPET_RUNTIME_HOST_START_FAILED', { how, starts: this.#failedStarts })
    this.#failedStarts = 0
    this.#rejectAll([...this.#queue], error)
  }

  /** The first replacement comes at once; hosts that end one after another come ever more slowly. */
  #startAgain(): void {
    const pauseMs =
      this.#crashes < 2 ? 0 : Math.min(FIRST_BACKOFF_MS * 2 ** (this.#crashes - 2), LONGEST_BACKOFF_MS)
    this.#backoff = setTimeout(() => {
      this.#backoff = undefined
      this.#dispatch()
    }, pauseMs)
    this.#settleTimers()
  }

  #reject(job: HostJob, error: unknown): void {
    this.#queue.delete(job)
    this.#running.delete(job.id)
    job.state = 'settled'
    job.reject(error)
  }

  #rejectAll(jobs: readonly HostJob[], error: unknown): void {
    for (const job of jobs) this.#reject(job, error)
  }

  #say(message: ToHost): void {
    this.#link?.say(message)
  }

  #loading(): boolean {
    return !this.#ready || [...this.#parts.values()].some(({ loadId }) => loadId !== undefined)
  }

  /** An idle host keeps nothing alive; a busy one is watched. */
  #settleTimers(): void {
    const loads = [...this.#parts.values()].some(({ loadId }) => loadId !== undefined)
    const busy = this.#queue.size > 0 || this.#running.size > 0 || loads
    this.#link?.hold(busy)
    if (busy) this.#backoff?.ref()
    else this.#backoff?.unref()
    const inHost = this.#running.size > 0 || loads || (this.#link !== undefined && !this.#ready)
    const { loadTimeoutMs, unresponsiveMs } = this.#options
    if (!inHost || this.#closing || this.#link?.pid === undefined) this.#watchdog.rest()
    else this.#watchdog.watch(this.#loading() ? loadTimeoutMs : unresponsiveMs)
  }
}
