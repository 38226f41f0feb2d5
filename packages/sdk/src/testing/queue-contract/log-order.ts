import { assertSame } from './harness.ts'
import type { NamedEvent } from './real-queue.ts'

/** The log as it is to be, but for the places of what fell due. */
interface ExpectedLog {
  readonly log: readonly NamedEvent[]
  /** The places of what fell due. */
  readonly fellDue: ReadonlySet<number>
  /** Where each moment begins, ascending. */
  readonly begins: readonly number[]
}

/**
 * Throws unless a log is the expected one, where what fell due may have its place anywhere within its moment: each item's entries are
 * in their order, those of calls are in theirs, and none is in another moment.
 */
export function assertSameLog(
  log: readonly NamedEvent[],
  { log: expected, fellDue, begins }: ExpectedLog,
): void {
  const places = placesIn(expected, log)
  const inPlace = log
    .map((event, index) => ({ event, place: places[index] ?? -1 }))
    .sort((one, other) => one.place - other.place)
  assertSame(
    inPlace.map(({ event }) => event),
    expected,
  )
  const ofCalls = places.filter((place) => !fellDue.has(place))
  assertSame(ofCalls, ascending(ofCalls))
  const moments = places.map((place) => begins.findLastIndex((begin) => begin <= place))
  assertSame(moments, ascending(moments))
}

/** Where each entry is expected: the nth of an item where the nth of that item is. */
function placesIn(expected: readonly NamedEvent[], log: readonly NamedEvent[]): readonly number[] {
  const left = new Map<number, number[]>()
  for (const [place, { item }] of expected.entries()) left.set(item, [...(left.get(item) ?? []), place])
  return log.map(({ item }) => left.get(item)?.shift() ?? -1)
}

function ascending(numbers: readonly number[]): readonly number[] {
  return numbers.toSorted((one, other) => one - other)
}
