import { adapterError } from '../errors/codes.ts'

/** The pieces of an answer, one at a time. */
export interface AnswerPieces {
  /** The next piece; undefined at the end. */
  next(): Promise<string | undefined>
  /** Lets go of the function's iterator, and waits for nothing: it may be the one that stalls. */
  letGo(): void
}

const ignore = () => undefined

function unknown(value: unknown): Error {
  return adapterError('PARAPET_ADAPTER_PART_UNKNOWN', { type: typeof value, where: 'answer' })
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof (value as AsyncIterable<unknown> | null)?.[Symbol.asyncIterator] === 'function'
}

function textOf({ done, value }: IteratorResult<unknown>): string | undefined {
  if (done) return undefined
  if (typeof value !== 'string') throw unknown(value)
  return value
}

/**
 * Reads what a function gave. The first piece is fetched at once: a generator does nothing before it is asked.
 * @throws PARAPET_ADAPTER_PART_UNKNOWN for what is no text
 */
export async function answerPieces(given: unknown): Promise<AnswerPieces> {
  if (typeof given === 'string') {
    const whole = [given]
    return { next: async () => whole.shift(), letGo: ignore }
  }
  if (!isAsyncIterable(given)) throw unknown(given)
  const iterator = given[Symbol.asyncIterator]()
  const first = [textOf(await iterator.next())]
  return {
    next: async () => (first.length > 0 ? first.shift() : textOf(await iterator.next())),
    letGo() {
      void (async () => iterator.return?.())().catch(ignore)
    },
  }
}
