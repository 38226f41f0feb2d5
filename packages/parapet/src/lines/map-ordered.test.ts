import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { mapOrdered } from './map-ordered.ts'

async function* numbers(count: number): AsyncGenerator<number> {
  for (let number = 0; number < count; number++) yield number
}

async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const list: Item[] = []
  for await (const item of items) list.push(item)
  return list
}

describe('mapOrdered', () => {
  it('keeps the order, whatever takes longest, and never runs more than it may', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.integer({ min: 0, max: 12 }),
        fc.integer({ min: 1, max: 5 }),
        async (scheduler, count, concurrency) => {
          let running = 0
          let most = 0

          const results = all(
            mapOrdered(numbers(count), concurrency, async (number) => {
              most = Math.max(most, ++running)
              await scheduler.schedule(Promise.resolve(), String(number))
              running--
              return number
            }),
          )
          await scheduler.waitFor(results)

          expect(await results).toEqual(Array.from({ length: count }, (_, number) => number))
          expect(most).toBeLessThanOrEqual(concurrency)
        },
      ),
    )
  })

  it('gives a result before the next item is there', async () => {
    const questions = new TransformStream<number, number>()
    const writer = questions.writable.getWriter()
    const answers = mapOrdered(questions.readable, 8, async (number) => number * 2)

    await Promise.all([writer.write(1), expect(answers.next()).resolves.toEqual({ done: false, value: 2 })])
    await Promise.all([writer.write(2), expect(answers.next()).resolves.toEqual({ done: false, value: 4 })])
    await writer.close()

    await expect(answers.next()).resolves.toEqual({ done: true, value: undefined })
  })

  it('takes no more items than a slow reader has room for', async () => {
    let taken = 0
    async function* counted(): AsyncGenerator<number> {
      for (;;) yield taken++
    }

    const results = mapOrdered(counted(), 3, async (number) => number)
    for (let read = 0; read < 5; read++) await results.next()

    expect(taken).toBeLessThanOrEqual(5 + 3)
    await results.return(undefined)
  })

  it('meets a failure in its turn, and closes its source', async () => {
    let closed = false
    async function* source(): AsyncGenerator<number> {
      try {
        yield* numbers(10)
      } finally {
        closed = true
      }
    }
    const seen: number[] = []
    const results = mapOrdered(source(), 4, async (number) => {
      if (number === 2) throw new Error('two')
      return number
    })

    const reading = (async () => {
      for await (const result of results) seen.push(result)
    })()

    await expect(reading).rejects.toThrow('two')
    await new Promise((resolve) => setImmediate(resolve))
    expect(seen).toEqual([0, 1])
    expect(closed).toBe(true)
  })
})
