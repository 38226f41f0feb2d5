import { expect, test } from '@jest/globals'
import { subject } from '../../../test/builders/subject.ts'
import { contentKey, createAnswerMemory } from './answer-memory.ts'

const { signal } = new AbortController()

test('the same question is asked once, at once and later; another one is asked anew', async () => {
  const memory = createAnswerMemory<number>('test', 10)
  let asked = 0
  const work = async () => ++asked

  const both = await Promise.all([memory.recall('a', work, signal), memory.recall('a', work, signal)])

  expect(both).toEqual([1, 1])
  expect(await memory.recall('a', work, signal)).toBe(1)
  expect(await memory.recall('b', work, signal)).toBe(2)
})

test('a fault is not remembered', async () => {
  const memory = createAnswerMemory<number>('test', 10)
  await memory.recall('a', () => Promise.reject(new Error('once')), signal).catch(() => {})

  expect(await memory.recall('a', async () => 1, signal)).toBe(1)
})

test('with room for none it still shares what is under way', async () => {
  const memory = createAnswerMemory<number>('test', 0)
  let asked = 0
  const work = async () => ++asked

  await Promise.all([memory.recall('a', work, signal), memory.recall('a', work, signal)])

  expect(await memory.recall('a', work, signal)).toBe(2)
})

test('who goes away stops waiting; the work ends with the last, for his reason', async () => {
  const memory = createAnswerMemory<number>('test', 10)
  const [first, last] = [new AbortController(), new AbortController()]
  let reason: unknown
  const work = (aborted: AbortSignal) =>
    new Promise<number>((_, reject) =>
      aborted.addEventListener('abort', () => {
        reason = aborted.reason
        reject(new Error('ended'))
      }),
    )
  const waits = [memory.recall('a', work, first.signal), memory.recall('a', work, last.signal)]

  first.abort('gone')
  await expect(waits[0]).rejects.toMatchObject({ code: 'PARAPET_DETECTOR_ABORTED' })
  expect(reason).toBeUndefined()
  last.abort('gone too')
  await expect(waits[1]).rejects.toMatchObject({ code: 'PARAPET_DETECTOR_ABORTED' })

  expect(reason).toBe('gone too')
})

test('the key tells texts, stages, conversations and lone surrogates apart, and holds none of them', () => {
  const keys = [
    subject('canary'),
    subject('canary', { stage: 'output' }),
    subject('canary', { conversation: [{ role: 'user', parts: [{ type: 'text', text: 'x' }] }] }),
    subject('\ud800'),
    subject('\ud801'),
  ].map(contentKey)

  expect(new Set(keys).size).toBe(keys.length)
  expect(keys.join()).not.toContain('canary')
})
