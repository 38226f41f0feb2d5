import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, test } from '@jest/globals'
import type { EncoderModelFolder } from '../model/model-folder.ts'
import type { HostEvents, StartHost } from './host-link.ts'
import { HostSupervisor } from './host-supervisor.ts'
import type { FromHost, LoadSpecification, RequestWork, ToHost } from './protocol.ts'
import { DEFAULT_MODEL_HOST_OPTIONS } from './resolve-host-options.ts'

/** A host that does what a test tells it to. */
interface ScriptedHost {
  readonly heard: ToHost[]
  readonly events: HostEvents
  killed: boolean
}

let supervisor: HostSupervisor
afterEach(() => supervisor.close())

/** Starts hosts that answer by `script`; what it does not answer stays open. */
function supervise(
  script: (message: ToHost, say: (message: FromHost) => void, host: ScriptedHost) => void,
  options: Partial<typeof DEFAULT_MODEL_HOST_OPTIONS> & { ready?: boolean } = {},
) {
  const { ready = true, ...given } = options
  const hosts: ScriptedHost[] = []
  const start: StartHost = (events) => {
    const host: ScriptedHost = { heard: [], events, killed: false }
    hosts.push(host)
    const say = (message: FromHost) => queueMicrotask(() => events.said(message))
    if (ready) say({ type: 'ready' })
    return {
      pid: hosts.length,
      say(message) {
        host.heard.push(message)
        script(message, say, host)
      },
      kill() {
        host.killed = true
        queueMicrotask(() => events.ended('signal SIGKILL'))
      },
      hold() {},
    }
  }
  supervisor = new HostSupervisor(start, { ...DEFAULT_MODEL_HOST_OPTIONS, ...given })
  return hosts
}

const folder = { directory: '/models/a', manifest: { id: 'a' } } as EncoderModelFolder
const specification: LoadSpecification = { key: 'a', folder, use: { kind: 'encoder' }, threads: 1 }
const other: LoadSpecification = { ...specification, key: 'b', folder: { ...folder, directory: '/models/b' } }
const work: RequestWork = { kind: 'read-texts', texts: ['x'] }
const answering: RequestWork = {
  kind: 'answer',
  messages: [],
  maxNewTokens: 1,
  stop: [],
  temperature: 0,
  topP: 1,
  seed: 0,
}

/** Loads at once, and answers requests with an empty reading. */
function obliging(message: ToHost, say: (message: FromHost) => void): void {
  if (message.type === 'load') say({ type: 'loaded', id: message.id })
  if (message.type === 'request') say({ type: 'result', id: message.id, result: [] })
  if (message.type === 'ping') say({ type: 'alive', residentBytes: 1 })
}
/** Loads at once, begins requests and answers none. */
function stuck(message: ToHost, say: (message: FromHost) => void): void {
  if (message.type === 'request') say({ type: 'begun', id: message.id })
  else obliging(message, say)
}
const code = (name: string) => expect.objectContaining({ code: name })

describe('HostSupervisor', () => {
  test('starts no host until something is asked, and loads a part once', async () => {
    const hosts = supervise(obliging)
    expect(hosts).toHaveLength(0)

    await Promise.all([1, 2, 3, 4, 5].map(() => supervisor.submit(specification, work).promise))

    expect(hosts).toHaveLength(1)
    expect(hosts[0]?.heard.filter(({ type }) => type === 'load')).toHaveLength(1)
    expect(supervisor.status()).toMatchObject({ state: 'ready', queued: 0, running: 0, replaced: 0 })
  })

  test('what is more than maxQueue waiting is refused at once, and what waits is answered', async () => {
    supervise(obliging, { maxQueue: 3 })
    const waiting = [1, 2, 3].map(() => supervisor.submit(specification, work))

    expect(() => supervisor.submit(specification, work)).toThrow(
      expect.objectContaining({ code: 'PARAPET_RUNTIME_OVERLOADED', retryable: true }),
    )
    await Promise.all(waiting.map(({ promise }) => promise))
    await supervisor.submit(specification, work).promise
  })

  test('hands two readings to the host at a time, and as many answers as are allowed', async () => {
    const hosts = supervise(stuck, { maxGenerations: 3 })
    for (let job = 0; job < 5; job += 1) {
      supervisor.submit(specification, work)
      supervisor.submit(specification, answering)
    }
    await sleep(20)

    const kinds = hosts[0]?.heard.flatMap((message) =>
      message.type === 'request' ? [message.work.kind] : [],
    )
    expect(kinds?.filter((kind) => kind === 'read-texts')).toHaveLength(2)
    expect(kinds?.filter((kind) => kind === 'answer')).toHaveLength(3)
    expect(supervisor.status()).toMatchObject({ queued: 5, running: 5 })
  })

  test('a host that ends takes what it worked on with it; what it had not begun, and what waited, goes to the next', async () => {
    let requests = 0
    const hosts = supervise((message, say) => {
      if (message.type === 'request' && ++requests <= 2) {
        if (requests === 1) say({ type: 'begun', id: message.id })
        return
      }
      obliging(message, say)
    })
    const jobs = [1, 2, 3, 4].map(() => supervisor.submit(specification, work))
    await sleep(10)
    hosts[0]?.events.ended('signal SIGSEGV')

    const ends = await Promise.allSettled(jobs.map(({ promise }) => promise))

    expect(ends.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled', 'fulfilled'])
    expect(ends[0]).toMatchObject({
      reason: {
        code: 'PARAPET_RUNTIME_HOST_CRASHED',
        retryable: true,
        message: expect.stringContaining('SIGSEGV'),
      },
    })
    expect(hosts).toHaveLength(2)
    expect(supervisor.status().replaced).toBe(1)
  })

  test('a host that says nothing while it has work is asked, then killed and replaced', async () => {
    let mute = true
    const hosts = supervise(
      (message, say) => {
        if (mute && message.type === 'request') say({ type: 'begun', id: message.id })
        if (mute && (message.type === 'request' || message.type === 'ping')) return
        obliging(message, say)
      },
      { unresponsiveMs: 60 },
    )

    await expect(supervisor.submit(specification, work).promise).rejects.toEqual(
      code('PARAPET_RUNTIME_HOST_UNRESPONSIVE'),
    )
    mute = false
    await supervisor.submit(specification, work).promise

    expect(hosts[0]).toMatchObject({ killed: true })
    expect(hosts[0]?.heard.at(-1)).toEqual({ type: 'ping' })
    expect(hosts).toHaveLength(2)
  })

  test('a host that works long and answers when it is asked is left alone', async () => {
    const hosts = supervise(
      (message, say) => {
        if (message.type === 'request') {
          setTimeout(() => say({ type: 'result', id: message.id, result: [] }), 400)
        } else obliging(message, say)
      },
      { unresponsiveMs: 50 },
    )

    await supervisor.submit(specification, work).promise

    expect(hosts).toHaveLength(1)
  })

  test('a load that crashes its host fails with that, and is not tried at every request', async () => {
    const hosts = supervise((message, say, host) => {
      if (message.type === 'load' && message.specification.key === 'a') host.events.ended('signal SIGSEGV')
      else obliging(message, say)
    })

    await expect(supervisor.submit(specification, work).promise).rejects.toMatchObject({
      code: 'PARAPET_MODEL_LOAD_CRASHED',
      retryable: true,
    })
    for (let again = 0; again < 20; again += 1) {
      expect(() => supervisor.submit(specification, work)).toThrow(code('PARAPET_MODEL_LOAD_CRASHED'))
    }
    await supervisor.submit(other, work).promise

    expect(hosts).toHaveLength(2)
  })

  test('a load that fails rejects all that waits for it, and nothing else', async () => {
    supervise((message, say) => {
      if (message.type === 'load' && message.specification.key === 'a') {
        const error = { code: 'PARAPET_MODEL_CORRUPT', message: 'broken', retryable: false, cause: 'why' }
        say({ type: 'error', id: message.id, error })
      } else obliging(message, say)
    })
    const first = supervisor.submit(specification, work)
    const second = supervisor.submit(specification, work)
    const third = supervisor.submit(other, work)

    await expect(first.promise).rejects.toMatchObject({
      code: 'PARAPET_MODEL_CORRUPT',
      cause: { message: 'why' },
    })
    await expect(second.promise).rejects.toEqual(code('PARAPET_MODEL_CORRUPT'))
    await expect(third.promise).resolves.toEqual([])
  })

  test('a load that takes too long is ended', async () => {
    const hosts = supervise(
      (message, say) => {
        if (message.type !== 'load' && message.type !== 'ping') obliging(message, say)
      },
      { loadTimeoutMs: 60 },
    )

    await expect(supervisor.submit(specification, work).promise).rejects.toEqual(
      code('PARAPET_MODEL_LOAD_TIMEOUT'),
    )
    expect(hosts[0]).toMatchObject({ killed: true })
  })

  test('a host that never starts is told after three tries, not tried for ever', async () => {
    let starts = 0
    supervisor = new HostSupervisor((events) => {
      starts += 1
      setTimeout(() => events.ended('exit code 9'), 1)
      return { pid: 1, say() {}, kill() {}, hold() {} }
    }, DEFAULT_MODEL_HOST_OPTIONS)

    await expect(supervisor.submit(specification, work).promise).rejects.toMatchObject({
      code: 'PARAPET_RUNTIME_HOST_START_FAILED',
      message: expect.stringContaining('exit code 9'),
    })
    const after = starts
    await sleep(300)

    expect(after).toBe(3)
    expect(starts).toBe(3)
  })

  test('hosts that end one after another come ever more slowly', async () => {
    const startedAt: number[] = []
    supervise((message, say, host) => {
      if (message.type === 'load') startedAt.push(performance.now())
      if (message.type === 'request') {
        say({ type: 'begun', id: message.id })
        setTimeout(() => host.events.ended('exit code 1'))
      } else obliging(message, say)
    })
    for (let request = 0; request < 5; request += 1) {
      await supervisor.submit(specification, work).promise.catch(() => {})
    }

    const pauses = startedAt.slice(1).map((at, index) => at - (startedAt[index] ?? 0))
    expect(pauses[0]).toBeLessThan(60)
    expect(pauses[3]).toBeGreaterThan(350)
  })

  test('a request taken back while it waits is never handed over; one that runs is aborted in the host', async () => {
    const hosts = supervise(stuck)
    const jobs = [1, 2, 3].map(() => supervisor.submit(specification, work))
    await sleep(10)
    for (const job of [jobs[2], jobs[0]]) if (job) supervisor.cancel(job)

    await expect(jobs[2]?.promise).rejects.toEqual(code('PARAPET_RUNTIME_ABORTED'))
    expect(hosts[0]?.heard.filter(({ type }) => type === 'abort')).toEqual([
      { type: 'abort', id: jobs[0]?.id },
    ])
    expect(hosts[0]?.heard.filter(({ type }) => type === 'request')).toHaveLength(2)
  })

  test('a fourth reading graph of one model takes the place of the one used longest ago', async () => {
    const hosts = supervise(obliging)
    const reading = (block: number): LoadSpecification => ({
      ...specification,
      key: `reading ${block}`,
      use: { kind: 'reading', blocks: [block] },
    })
    for (const block of [1, 2, 3, 1, 4]) await supervisor.submit(reading(block), work).promise

    expect(hosts[0]?.heard.filter(({ type }) => type === 'unload')).toEqual([
      { type: 'unload', key: 'reading 2' },
    ])
  })

  test('closing rejects what waits and what runs, and refuses what comes after', async () => {
    const hosts = supervise(stuck)
    const jobs = [1, 2, 3].map(() => supervisor.submit(specification, work))
    await sleep(10)

    await Promise.all([supervisor.close(), supervisor.close()])

    for (const { promise } of jobs) await expect(promise).rejects.toEqual(code('PARAPET_RUNTIME_CLOSED'))
    expect(() => supervisor.submit(specification, work)).toThrow(code('PARAPET_RUNTIME_CLOSED'))
    expect(hosts[0]).toMatchObject({ killed: true })
    expect(supervisor.status().state).toBe('closed')
  })

  test('what a host says after it ended is not heard', async () => {
    const hosts = supervise(stuck)
    const job = supervisor.submit(specification, work)
    await sleep(10)
    hosts[0]?.events.ended('exit code 1')
    hosts[0]?.events.said({ type: 'result', id: job.id, result: [] })

    await expect(job.promise).rejects.toEqual(code('PARAPET_RUNTIME_HOST_CRASHED'))
  })
})
