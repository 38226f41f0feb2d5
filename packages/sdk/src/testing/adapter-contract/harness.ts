import assert from 'node:assert/strict'
import { isParapetError } from '../../errors/parapet-error.ts'
import { createGuard } from '../../guard/create-guard.ts'
import type { Guard } from '../../guard/guard.ts'
import { memoryQueue } from '../../review/memory-queue.ts'
import type { ReviewQueue } from '../../review/review-queue.ts'
import { type JudgedLog, judgedLog } from '../judged-log.ts'
import { type RecordingSink, recordingSink } from '../recording-sink.ts'
import {
  SCRIPTED_MESSAGE,
  type ScriptedPolicyOptions,
  scriptedPolicy,
  wordDetector,
} from '../scripted-policy.ts'
import type {
  AdapterContractCase,
  AdapterDriver,
  AdapterUnderTest,
  ContractAnswer,
  ContractRequest,
  StreamObserver,
  UpstreamScript,
} from './driver.ts'

export type Mode = 'generate' | 'stream'

/** A guard with everything around it that a case looks at. */
export interface Bench {
  readonly guard: Guard
  readonly queue: ReviewQueue
  readonly sink: RecordingSink
  readonly log: JudgedLog
  readonly adapter: AdapterUnderTest
  readonly mode: Mode
  /** Asks the adapter in the case's mode. */
  ask(request?: Partial<ContractRequest>, observer?: StreamObserver): Promise<ContractAnswer>
}

export interface BenchOptions extends ScriptedPolicyOptions {
  readonly script: UpstreamScript
  /** The guard asks the provider beside its input rules. @default false */
  readonly speculate?: boolean
}

/** Text in the request that must never come back in an answer about a decision, an error or a log. */
export const CANARY = 'canary-5f1c'

/** The request of a case that is about the answer. */
export const REQUEST: ContractRequest = { messages: [{ role: 'user', content: 'Say something.' }] }

/** Opens a guard of scripted rules, and the adapter around a scripted provider. */
export function openBench(
  driver: AdapterDriver,
  { script, speculate = false, ...policy }: BenchOptions,
  mode: Mode,
): Bench {
  const log = judgedLog()
  const queue = memoryQueue()
  const sink = recordingSink()
  const guard = createGuard({
    policy: scriptedPolicy({ detector: wordDetector({ log }), ...policy }),
    queue,
    records: sink,
    memoEntries: 0,
    speculate,
  })
  const adapter = driver.open({ guard, script })
  return {
    guard,
    queue,
    sink,
    log,
    adapter,
    mode,
    ask(request = {}, observer) {
      const full = { ...REQUEST, ...request }
      return mode === 'generate' ? adapter.generate(full) : adapter.stream(full, observer)
    },
  }
}

/** Makes cases that run unstreamed and streamed. */
export function casesOn(driver: AdapterDriver) {
  const inMode =
    (mode: Mode) =>
    (name: string, options: BenchOptions, body: (bench: Bench) => Promise<void>): AdapterContractCase => ({
      name: `${mode === 'stream' ? 'streamed' : 'unstreamed'}: ${name}`,
      run: async () => {
        const bench = openBench(driver, options, mode)
        try {
          await body(bench)
        } finally {
          await bench.queue.close()
          await bench.guard.close()
        }
      },
    })
  const unstreamed = inMode('generate')
  const streamed = inMode('stream')
  return {
    unstreamed,
    streamed,
    both: (...of: Parameters<typeof streamed>) => [unstreamed(...of), streamed(...of)],
  }
}

/** Waits until an item is open, and decides it. Gives up after five seconds. */
export async function decideNext(queue: ReviewQueue, outcome: 'approve' | 'reject'): Promise<string> {
  const until = Date.now() + 5_000
  for (;;) {
    const claim = await queue.claim({ reviewer: 'ada' })
    if (claim) {
      await queue.decide({ id: claim.item.id, token: claim.token, outcome })
      return claim.item.id
    }
    assert.ok(Date.now() < until, 'nothing was held for review')
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}

/** Asserts that the guard ended the answer, with the message and the decision's id and nothing of its reasons. */
export function assertFiltered(answer: ContractAnswer, sink: RecordingSink): void {
  assert.equal(answer.ending, 'filtered', `the answer ended as ${answer.ending}`)
  assert.equal(answer.message, SCRIPTED_MESSAGE)
  assert.ok(
    answer.decisionId !== undefined && sink.find(answer.decisionId),
    'the caller got no id of a recorded decision',
  )
  assertSilent(answer.visible, sink)
}

/** Asserts that a text names no rule, label, detector or score of any decision, and holds no canary. */
export function assertSilent(visible: string, sink: RecordingSink): void {
  const inside = sink.decisions.flatMap(({ decision }) => [
    decision.policy.policyHash,
    decision.policy.bindingHash,
    ...decision.reasons.flatMap((reason) => ('rule' in reason ? [reason.rule, `"${reason.label}"`] : [])),
  ])
  for (const secret of [...inside, '"score"', '"threshold"', '"reasons"', CANARY])
    assert.ok(!visible.includes(secret), 'the caller can see why it was decided so')
}

/** Asserts that an error is Parapet's, with this code, and that neither it nor its cause repeats the canary. */
export function assertFault(error: unknown, code?: string): void {
  assert.ok(isParapetError(error), `expected an error of Parapet, got ${describe(error)}`)
  if (code !== undefined) assert.equal(error.code, code)
  assert.ok(!textOf(error).includes(CANARY), 'an error repeats what a user or the model wrote')
}

const describe = (error: unknown) => (error instanceof Error ? error.name : typeof error)

/** An error and its causes as a logger would print them. */
function textOf(error: unknown): string {
  if (!(error instanceof Error)) return JSON.stringify(error) ?? ''
  const own = JSON.stringify(Object.fromEntries(Object.entries(error)))
  return `${error.message}\n${error.stack}\n${own}\n${error.cause === undefined ? '' : textOf(error.cause)}`
}

/** Cuts a text every `size` UTF-16 units. */
export const every =
  (size: number) =>
  (text: string): string[] =>
    Array.from({ length: Math.ceil(text.length / size) }, (_, index) =>
      text.slice(index * size, (index + 1) * size),
    )
