import { expect, test } from '@jest/globals'
import { SharedRun } from './shared-run.ts'

/** Work that ends when the test says so. */
function work() {
  let aborted = false
  let resolve = (_: string) => {}
  let reject = (_: Error) => {}
  const run = new SharedRun<string>((signal) => {
    signal.addEventListener('abort', () => {
      aborted = true
    })
    return new Promise((done, failed) => {
      resolve = done
      reject = failed
    })
  })
  return {
    run,
    resolve: (value: string) => resolve(value),
    reject: (error: Error) => reject(error),
    aborted: () => aborted,
  }
}

const never = new AbortController().signal

test('all who wait get the one result', async () => {
  const { run, resolve } = work()
  const waiting = [run.join(never), run.join(never)]

  resolve('done')

  await expect(Promise.all(waiting)).resolves.toEqual(['done', 'done'])
})

test('one who leaves does not take the work from the others', async () => {
  const { run, resolve, aborted } = work()
  const leaver = new AbortController()
  const left = run.join(leaver.signal)
  const stays = run.join(never)

  leaver.abort(new Error('gone'))

  await expect(left).rejects.toThrow('gone')
  expect(aborted()).toBe(false)
  resolve('done')
  await expect(stays).resolves.toBe('done')
})

test('the work is aborted when the last one has left', async () => {
  const { run, aborted } = work()
  const [first, second] = [new AbortController(), new AbortController()]
  const waiting = Promise.allSettled([run.join(first.signal), run.join(second.signal)])

  first.abort()
  second.abort()
  await waiting

  expect(aborted()).toBe(true)
  expect(run.abandoned).toBe(true)
})

test('one whose signal was aborted before does not wait', async () => {
  const { run, aborted } = work()

  await expect(run.join(AbortSignal.abort(new Error('too late')))).rejects.toThrow('too late')

  expect(aborted()).toBe(true)
})

test('a failure reaches everybody', async () => {
  const { run, reject } = work()
  const waiting = Promise.allSettled([run.join(never), run.join(never)])

  reject(new Error('broken'))

  expect((await waiting).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
})
