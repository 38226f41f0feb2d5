import { expect, test } from '@jest/globals'
import { encoderRead, scriptedEncoder } from '../../test/builders/scripted-encoder.ts'
import { createTextReader } from './text-reader.ts'

const signal = new AbortController().signal

test('those who ask for a text at the same time share one pass', async () => {
  const encoder = scriptedEncoder()
  const reader = createTextReader(encoder)
  const both = Promise.all([
    reader.read('a text', { maxTokens: 9, signal }),
    reader.read('a text', { maxTokens: 9, signal }),
  ])

  encoder.answer(0, encoderRead())

  expect((await both).map(({ kind }) => kind)).toEqual(['read', 'read'])
  expect(encoder.requests).toHaveLength(1)
})

test('a text that was read is not read again', async () => {
  const encoder = scriptedEncoder()
  const reader = createTextReader(encoder)
  const first = reader.read('a text', { maxTokens: 9, signal })
  encoder.answer(0, encoderRead())
  await first

  const second = await reader.read('a text', { maxTokens: 9, signal })

  expect(second).toEqual(await first)
  expect(encoder.requests).toHaveLength(1)
})

test('texts that differ in a lone surrogate alone are two texts', async () => {
  const encoder = scriptedEncoder()
  const reader = createTextReader(encoder)

  const both = Promise.all([
    reader.read('x\ud800', { maxTokens: 9, signal }),
    reader.read('x\ud801', { maxTokens: 9, signal }),
  ])
  encoder.answer(0, encoderRead())
  encoder.answer(1, encoderRead())
  await both

  expect(encoder.requests).toHaveLength(2)
})

test('what is kept is bounded: the oldest text is read again', async () => {
  const encoder = scriptedEncoder()
  const reader = createTextReader(encoder, 2)
  const read = async (text: string) => {
    const reading = reader.read(text, { maxTokens: 9, signal })
    encoder.answer(encoder.requests.length - 1, encoderRead())
    await reading
  }
  for (const text of ['a', 'b', 'c']) await read(text)

  await read('c')
  await read('a')

  expect(encoder.requests.map(({ texts }) => texts[0])).toEqual(['a', 'b', 'c', 'a'])
})

test('a failure is not kept', async () => {
  const encoder = scriptedEncoder()
  const reader = createTextReader(encoder)
  const first = reader.read('a text', { maxTokens: 9, signal })
  encoder.fail(0, new Error('host crashed'))
  await expect(first).rejects.toThrow('host crashed')

  const second = reader.read('a text', { maxTokens: 9, signal })
  encoder.answer(1, encoderRead())

  await expect(second).resolves.toMatchObject({ kind: 'read' })
})

test('a pass that everybody left is aborted, and the next to ask starts another', async () => {
  const encoder = scriptedEncoder()
  const reader = createTextReader(encoder)
  const leaver = new AbortController()
  const left = reader.read('a text', { maxTokens: 9, signal: leaver.signal })
  leaver.abort()
  await expect(left).rejects.toThrow()

  const next = reader.read('a text', { maxTokens: 9, signal })
  encoder.answer(1, encoderRead())

  await expect(next).resolves.toMatchObject({ kind: 'read' })
  expect(encoder.requests[0]?.signal?.aborted).toBe(true)
  expect(encoder.requests[1]?.signal?.aborted).toBe(false)
})

test('a reading under a higher limit answers a lower one as if it had been asked alone', async () => {
  const encoder = scriptedEncoder()
  const reader = createTextReader(encoder)
  const high = reader.read('a text', { maxTokens: 9, signal })
  const low = reader.read('a text', { maxTokens: 2, signal })
  encoder.answer(0, encoderRead({}, 3))

  expect(await high).toMatchObject({ kind: 'read', tokens: 3 })
  expect(await low).toEqual({ kind: 'too-long', tokens: 3 })
  expect(encoder.requests).toHaveLength(1)
})

test('a text found too long under a low limit is read under a higher one', async () => {
  const encoder = scriptedEncoder()
  const reader = createTextReader(encoder)
  const low = reader.read('a text', { maxTokens: 2, signal })
  encoder.answer(0, { kind: 'too-long', tokens: 3 })
  await low

  const high = reader.read('a text', { maxTokens: 9, signal })
  encoder.answer(1, encoderRead({}, 3))

  await expect(high).resolves.toMatchObject({ kind: 'read' })
})
