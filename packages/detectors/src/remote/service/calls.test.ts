import { setTimeout as wait } from 'node:timers/promises'
import { afterEach, describe, expect, jest, test } from '@jest/globals'
import { fault } from '../../errors/codes.ts'
import { createCalls } from './calls.ts'
import { type RemoteOptions, resolveRemoteOptions } from './remote-options.ts'

const callsWith = (options: RemoteOptions = {}) => createCalls('test', resolveRemoteOptions(options))
const { signal } = new AbortController()
const unavailable = () => fault('PARAPET_REMOTE_UNAVAILABLE', { detector: 'test', status: 503 })
const refused = () => fault('PARAPET_REMOTE_REFUSED', { detector: 'test', status: 422 })
const rateLimited = (retryAfterMs: number) =>
  Object.assign(fault('PARAPET_REMOTE_RATE_LIMITED', { detector: 'test', retryAfterMs }), { retryAfterMs })
const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'answered',
    (error: { code?: string }) => error.code,
  )
const never = () => new Promise<never>(() => {})

/** An attempt that throws what it is given, in turn, and then answers. */
function attemptOf(...faults: Error[]) {
  const attempt = async () => {
    attempt.made += 1
    const next = faults.shift()
    if (next) throw next
    return 'answer'
  }
  attempt.made = 0
  return attempt
}

describe('trying again', () => {
  test('a service that failed once is asked again', async () => {
    const attempt = attemptOf(unavailable())

    expect(await callsWith().call(attempt, signal)).toBe('answer')
    expect(attempt.made).toBe(2)
  })

  test('no more often than was allowed', async () => {
    const attempt = attemptOf(unavailable(), unavailable(), unavailable())

    expect(await codeOf(callsWith({ attempts: 2 }).call(attempt, signal))).toBe('PARAPET_REMOTE_UNAVAILABLE')
    expect(attempt.made).toBe(2)
  })

  test('what was refused is not asked again', async () => {
    const attempt = attemptOf(refused())

    expect(await codeOf(callsWith({ attempts: 5 }).call(attempt, signal))).toBe('PARAPET_REMOTE_REFUSED')
    expect(attempt.made).toBe(1)
  })

  test('a service that asks for a short wait is given it, one that asks for a long one is left alone', async () => {
    const [short, long] = [attemptOf(rateLimited(5)), attemptOf(rateLimited(60_000))]

    expect(await codeOf(callsWith().call(short, signal))).toBe('answered')
    expect(await codeOf(callsWith().call(long, signal))).toBe('PARAPET_REMOTE_RATE_LIMITED')
    expect([short.made, long.made]).toEqual([2, 1])
  })
})

describe('time', () => {
  test('an attempt that ignores its signal ends at its timeout, and its slot is free again', async () => {
    const calls = callsWith({ timeoutMs: 10, attempts: 1, concurrency: 1, queued: 0 })

    expect(await codeOf(calls.call(never, signal))).toBe('PARAPET_REMOTE_TIMEOUT')
    expect(await codeOf(calls.call(attemptOf(), signal))).toBe('answered')
  })

  test('the attempt is told of its timeout', async () => {
    let told = false
    const attempt = (limited: AbortSignal) =>
      new Promise<never>(() => limited.addEventListener('abort', () => (told = true)))

    await codeOf(callsWith({ timeoutMs: 10, attempts: 1 }).call(attempt, signal))

    expect(told).toBe(true)
  })

  test('a caller who goes away ends the call at once, and frees its slot', async () => {
    const calls = callsWith({ concurrency: 1, queued: 0 })
    const leaving = new AbortController()
    const left = codeOf(calls.call(never, leaving.signal))

    leaving.abort()

    expect(await left).toBe('PARAPET_DETECTOR_ABORTED')
    expect(await codeOf(calls.call(attemptOf(), signal))).toBe('answered')
  })
})

describe('slots', () => {
  test('more calls than slots wait, more than may wait fail at once', async () => {
    const calls = callsWith({ concurrency: 1, queued: 1 })
    const gate = Promise.withResolvers<string>()
    const running = calls.call(() => gate.promise, signal)
    const waiting = calls.call(attemptOf(), signal)

    expect(await codeOf(calls.call(attemptOf(), signal))).toBe('PARAPET_REMOTE_OVERLOADED')
    gate.resolve('late')

    expect(await Promise.all([running, waiting])).toEqual(['late', 'answer'])
  })

  test('who goes away while waiting leaves his place', async () => {
    const calls = callsWith({ concurrency: 1, queued: 1 })
    const gate = Promise.withResolvers<string>()
    const running = calls.call(() => gate.promise, signal)
    const leaving = new AbortController()
    const left = codeOf(calls.call(attemptOf(), leaving.signal))

    leaving.abort()
    expect(await left).toBe('PARAPET_DETECTOR_ABORTED')
    const next = calls.call(attemptOf(), signal)
    gate.resolve('late')

    expect(await Promise.all([running, next])).toEqual(['late', 'answer'])
  })

  test('never more at once than there are slots', async () => {
    const calls = callsWith({ concurrency: 3, queued: 100 })
    let running = 0
    let most = 0
    const attempt = async () => {
      running += 1
      most = Math.max(most, running)
      await wait(1)
      running -= 1
    }

    await Promise.all(Array.from({ length: 30 }, () => calls.call(attempt, signal)))

    expect(most).toBe(3)
  })
})

describe('the circuit', () => {
  const down = { attempts: 1, circuitFailures: 2 }

  test('opens after so many failures in a row, and then asks nothing', async () => {
    const calls = callsWith(down)
    const attempt = attemptOf(unavailable(), unavailable())
    await codeOf(calls.call(attempt, signal))
    await codeOf(calls.call(attempt, signal))

    expect(await codeOf(calls.call(attempt, signal))).toBe('PARAPET_REMOTE_CIRCUIT_OPEN')
    expect(attempt.made).toBe(2)
  })

  test('the attempt that opens it is the last, and tells of its own fault', async () => {
    const attempt = attemptOf(unavailable(), unavailable(), unavailable())
    const calls = callsWith({ attempts: 5, circuitFailures: 2 })

    expect(await codeOf(calls.call(attempt, signal))).toBe('PARAPET_REMOTE_UNAVAILABLE')
    expect(attempt.made).toBe(2)
  })

  test('an answer in between starts the count anew', async () => {
    const calls = callsWith(down)
    await codeOf(calls.call(attemptOf(unavailable()), signal))
    await codeOf(calls.call(attemptOf(), signal))
    await codeOf(calls.call(attemptOf(unavailable()), signal))

    expect(await codeOf(calls.call(attemptOf(), signal))).toBe('answered')
  })

  test('what a text alone brings about does not open it', async () => {
    const calls = callsWith(down)
    for (let i = 0; i < 5; i++) await codeOf(calls.call(attemptOf(refused()), signal))

    expect(await codeOf(calls.call(attemptOf(), signal))).toBe('answered')
  })

  test('callers who go away do not open it; budgets that are spent do', async () => {
    const [patient, hasty] = [callsWith(down), callsWith(down)]
    for (let i = 0; i < 3; i++) {
      const leaving = new AbortController()
      const left = codeOf(patient.call(never, leaving.signal))
      leaving.abort()
      await left
      await codeOf(hasty.call(never, AbortSignal.timeout(5)))
    }

    expect(await codeOf(patient.call(attemptOf(), signal))).toBe('answered')
    expect(await codeOf(hasty.call(attemptOf(), signal))).toBe('PARAPET_REMOTE_CIRCUIT_OPEN')
  })

  /** A circuit that has been open for as long as it stays open. */
  async function opened() {
    const circuitOpenMs = 60_000
    const calls = callsWith({ ...down, circuitFailures: 1, circuitOpenMs })
    await codeOf(calls.call(attemptOf(unavailable()), signal))
    const later = Date.now() + circuitOpenMs
    jest.spyOn(Date, 'now').mockImplementation(() => later)
    return calls
  }
  afterEach(() => void jest.restoreAllMocks())

  test('after a while one call is tried, the others fail at once until it is answered', async () => {
    const calls = await opened()
    const gate = Promise.withResolvers<string>()
    const trial = calls.call(() => gate.promise, signal)

    expect(await codeOf(calls.call(attemptOf(), signal))).toBe('PARAPET_REMOTE_CIRCUIT_OPEN')
    gate.resolve('back')

    expect(await trial).toBe('back')
    expect(await codeOf(calls.call(attemptOf(), signal))).toBe('answered')
  })

  test('a trial that its caller took back closes nothing', async () => {
    const calls = await opened()
    const leaving = new AbortController()
    const left = codeOf(calls.call(never, leaving.signal))
    leaving.abort()
    await left

    expect(await codeOf(calls.call(attemptOf(), signal))).toBe('PARAPET_REMOTE_CIRCUIT_OPEN')
  })
})
