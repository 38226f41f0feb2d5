const SETTLED = Symbol('settled')

/**
 * Works on items side by side and gives the results in the items' order, each as soon as it is its turn: it does not
 * wait for more items first. Never holds more than `concurrency` of them, so a slow reader slows the work down.
 */
export async function* mapOrdered<Item, Result>(
  items: AsyncIterable<Item>,
  concurrency: number,
  work: (item: Item) => Promise<Result>,
): AsyncGenerator<Result> {
  const iterator = items[Symbol.asyncIterator]()
  const running: Promise<Result>[] = []
  let next: Promise<IteratorResult<Item>> | undefined
  let ended = false
  try {
    while (!ended || running.length > 0) {
      const [oldest] = running
      if (!ended && running.length < concurrency) {
        next ??= iterator.next()
        const read = await (oldest === undefined ? next : Promise.race([next, settled(oldest)]))
        if (read !== SETTLED) {
          next = undefined
          if (read.done) ended = true
          else running.push(begin(work, read.value))
          continue
        }
      }
      void running.shift()
      yield (await oldest) as Result
    }
  } finally {
    const closing = iterator.return?.().catch(() => undefined)
    next?.catch(() => undefined)
    // A read that is under way may never end, and the source closes behind it: nobody waits for that.
    if (next === undefined) await closing
  }
}

function begin<Item, Result>(work: (item: Item) => Promise<Result>, item: Item): Promise<Result> {
  const result = work(item)
  // A failure is met when its turn comes; until then it is not unhandled.
  result.catch(() => undefined)
  return result
}

function settled(promise: Promise<unknown>): Promise<typeof SETTLED> {
  return promise.then(
    () => SETTLED,
    () => SETTLED,
  )
}
