/**
 * Works through items, so many at once, and gives the results in the items' order. The first fault aborts the others.
 */
export async function inLanes<Item, Result>(
  items: readonly Item[],
  lanes: number,
  work: (item: Item, signal: AbortSignal) => Promise<Result>,
  signal: AbortSignal,
): Promise<Result[]> {
  const failed = new AbortController()
  const either = AbortSignal.any([signal, failed.signal])
  const results: Result[] = []
  const left = items.entries()

  async function lane(): Promise<void> {
    for (const [index, item] of left) results[index] = await work(item, either)
  }

  try {
    await Promise.all(Array.from({ length: Math.min(lanes, items.length) }, lane))
    return results
  } catch (error) {
    failed.abort()
    throw error
  }
}
