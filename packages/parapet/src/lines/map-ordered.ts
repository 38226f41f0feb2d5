/**
 * Works on items side by side and gives the results in the items' order. Never holds more than `concurrency` of them,
 * so a slow reader slows the work down.
 */
export async function* mapOrdered<Item, Result>(
  items: AsyncIterable<Item>,
  concurrency: number,
  work: (item: Item) => Promise<Result>,
): AsyncGenerator<Result> {
  const running: Promise<Result>[] = []
  for await (const item of items) {
    const result = work(item)
    // A failure is met when its turn comes; until then it is not unhandled.
    result.catch(() => undefined)
    running.push(result)
    if (running.length >= concurrency) yield await (running.shift() as Promise<Result>)
  }
  for (const result of running) yield await result
}
