import { assertSame, manualClock, type OpenQueueForTest } from './harness.ts'
import { assertSameLog } from './log-order.ts'
import { type GotItem, QueueModel } from './queue-model.ts'
import { type FastCheckLibrary, type QueueRound, type QueueStep, queueRound } from './queue-steps.ts'
import { type Given, type Names, RealQueue } from './real-queue.ts'

/** More calls at once have more orders than can be tried. */
const MOST_AT_ONCE = 4

/** Calls of one moment, in the order in which they took effect. */
interface Past {
  readonly advanceMs: number
  readonly steps: readonly QueueStep[]
  /** What each claim got, where it may pass items by. */
  readonly got?: readonly GotItem[]
}

/** What a store may do otherwise than a queue with one lock. */
export interface OrderOptions {
  /**
   * A claim of whatever comes first passes by an item that another call of the moment names or changes (`SKIP LOCKED`): it gets
   * the first of the others, or nothing. Claims also hold, for a moment, what they do not take: beside another one, a claim may pass
   * any item by. @default false
   */
  readonly claimsMaySkip?: boolean
  /**
   * A call does not wait for what falls due while another call has it in hand (`SKIP LOCKED`): within one moment, the entry of what
   * fell due may come in the log after those of calls on other items. Each item's entries, and those of the calls, keep their
   * order; and nobody sees the item as it was before. @default false
   */
  readonly dueMayFollow?: boolean
}

/**
 * The property that calls on two handles at the same time give what they give one after the other in some order, and leave the
 * store and its log as that order does: `await fc.assert(queueHasAnOrder(fc, open), { seed, numRuns })`.
 */
export function queueHasAnOrder(
  fc: FastCheckLibrary,
  open: OpenQueueForTest,
  { claimsMaySkip = false, dueMayFollow = false }: OrderOptions = {},
) {
  const rounds = fc.array(fc.tuple(queueRound(fc), queueRound(fc)), {
    minLength: 1,
    maxLength: 12,
    size: 'max',
  })
  return fc.asyncProperty(rounds, async (given) => {
    const clock = manualClock()
    const start = clock.now()
    const store = await open({ now: clock.now })
    try {
      const real = new RealQueue(store, clock, await store.another())
      const past: Past[] = []
      for (const [one, other] of given) {
        clock.advance(one.advanceMs)
        const calls = atOnce(one, other)
        const answers = await real.callAtOnce(calls)
        const moment = { steps: calls.map(({ step }) => step), answers, claimsMaySkip, dueMayFollow }
        past.push(...(await orderOf(real, { start, past, advanceMs: one.advanceMs, ...moment })))
      }
    } finally {
      await store.dispose()
    }
  })
}

/** Turn by turn, so that both handles are at work from the first moment. */
function atOnce(one: QueueRound, other: QueueRound) {
  return Array.from({ length: MOST_AT_ONCE / 2 }, (_, index) => [
    ...one.steps.slice(index, index + 1).map((step) => ({ handle: 0 as const, step })),
    ...other.steps.slice(index, index + 1).map((step) => ({ handle: 1 as const, step })),
  ]).flat()
}

interface Moment extends Required<OrderOptions> {
  readonly start: number
  readonly past: readonly Past[]
  readonly advanceMs: number
  readonly steps: readonly QueueStep[]
  readonly answers: readonly Given[]
}

/** The first order that explains the answers, the log and every item as it is now. Throws when none does. */
async function orderOf(
  real: RealQueue,
  { start, past, advanceMs, steps, answers, claimsMaySkip, dueMayFollow }: Moment,
): Promise<readonly Past[]> {
  const before = real.names
  let fault: unknown
  for (const order of orders(steps.map((_, index) => index))) {
    const inOrder = order.flatMap((index) => steps[index] ?? [])
    const { outcomes, names } = real.inOrder(
      inOrder,
      order.map((index) => answers[index]),
    )
    const taken = { advanceMs, steps: inOrder, ...(claimsMaySkip && { got: outcomes.map(itemOf) }) }
    try {
      const { model, expected, begins } = replay(start, [...past, taken])
      assertSame(outcomes, expected)
      if (claimsMaySkip) assertSame(passedFreely(model, inOrder), [])
      const log = await real.log(names)
      if (dueMayFollow) assertSameLog(log, { log: model.log, fellDue: model.fellDue, begins })
      else assertSame(log, model.log)
      real.take(names)
      // What no answer and no entry says, as how long a lease is: two that extend one at once are told of both.
      const look = lookAtAll(names)
      const seen = await real.callAtOnce(look.steps.map((step) => ({ handle: 0, step })))
      assertSame(real.inOrder(look.steps, seen).outcomes, replay(start, [...past, taken, look]).expected)
      return [taken, look]
    } catch (error) {
      real.take(before)
      fault = error
    }
  }
  throw new Error(`no order explains ${JSON.stringify(steps)} → ${JSON.stringify(answers)}`, { cause: fault })
}

/** What the model gives for the last moment of a past, and where in its log each moment begins. */
function replay(start: number, past: readonly Past[]) {
  const model = new QueueModel(start)
  const begins: number[] = []
  let expected: unknown[] = []
  for (const { advanceMs, steps, got } of past) {
    const { known } = model
    begins.push(model.log.length)
    model.advance(advanceMs)
    expected = steps.map((step, index) => model.run(step, known, got?.[index]))
  }
  return { model, expected, begins }
}

/** What a claim's outcome says that it got. */
function itemOf(outcome: unknown): GotItem {
  return { item: (outcome as { value?: { number?: number } } | undefined)?.value?.number }
}

/** The items that a claim passed by though no other call of the moment had them. */
function passedFreely({ passed, atHand }: QueueModel, steps: readonly QueueStep[]): readonly number[] {
  const claims = steps.filter((step) => step.call === 'claim' && step.item === undefined)
  return claims.length > 1 ? [] : [...passed].filter((item) => !atHand.has(item))
}

/** Gets every item. Looking counts as a moment of its own: what is due takes effect by it. */
function lookAtAll({ ids }: Names): Past {
  return { advanceMs: 0, steps: ids.map((_, back) => ({ call: 'get', item: back })) }
}

function orders(indices: readonly number[]): readonly (readonly number[])[] {
  if (indices.length < 2) return [indices]
  return indices.flatMap((first) =>
    orders(indices.filter((index) => index !== first)).map((rest) => [first, ...rest]),
  )
}
