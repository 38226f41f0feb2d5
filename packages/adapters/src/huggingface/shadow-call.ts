import type { Options } from '@huggingface/inference'
import { tell } from '../wire/tell.ts'
import { isObject } from '../wire/wire-object.ts'
import type { Task } from './guarded-call.ts'
import type { StreamTask } from './guarded-stream.ts'
import { type CallSetup, judgeCall, openAnswer, takeCall } from './judged-call.ts'

/** Judges a call beside it. Never rejects: a fault of the guard's own work ends the watch, and not the call. */
function createWatch(setup: CallSetup, given: object, signal: AbortSignal | undefined) {
  const fault = (error: unknown): undefined => {
    tell(setup.options.onShadowFault, error)
  }
  const begin = async () => {
    const call = takeCall(given)
    return judgeCall(setup, { ...call, grant: undefined }, signal ?? new AbortController().signal)
  }
  const judging = begin().catch(fault)

  /** Gives what the caller learns of the decision; undefined where there is none. */
  return async (pieces: readonly unknown[], how: 'whole' | 'piece'): Promise<unknown> => {
    const judged = await judging
    if (!judged) return undefined
    const { gate, choices, reader } = openAnswer(setup, judged)
    try {
      for (const piece of pieces) if (isObject(piece)) await reader[how](piece)
      if (choices.complete) await choices.finish()
      if (choices.over) judged.writer.end(choices.over)
    } catch (error) {
      fault(error)
    }
    // What is over stays as it is; what ends early is recorded as far as it came.
    await gate.cancel().catch(fault)
    return choices.over ? judged.writer.body()['parapet'] : undefined
  }
}

/** The call as the provider would get it without a guard. */
function asItCame(given: object): Record<string, unknown> {
  const { parapet: _, ...args } = given as Record<string, unknown>
  return args
}

/** Asks the provider, judges beside it, and gives its answer as it came, with the id of the decision that would have been. */
export async function shadowCall(
  setup: CallSetup,
  task: Task,
  given: object,
  options: Options = {},
): Promise<unknown> {
  const watch = createWatch(setup, given, options.signal)
  const answer = await task(asItCame(given), options)
  const parapet = await watch([answer], 'whole')
  return parapet && isObject(answer) ? { ...answer, parapet } : answer
}

/** Asks the provider, and passes its stream as it came; its last piece waits for the decision. */
export async function* shadowStream(
  setup: CallSetup,
  task: StreamTask,
  given: object,
  options: Options = {},
): AsyncGenerator<unknown> {
  const watch = createWatch(setup, given, options.signal)
  const pieces: unknown[] = []
  const { maxCharacters } = setup.guard.policy.document.limits
  let size = 0
  let last: unknown
  try {
    for await (const piece of task(asItCame(given), options)) {
      if (last !== undefined) yield last
      last = piece
      // The gate reads no more than that of an answer, and says so.
      if (size <= maxCharacters) pieces.push(piece)
      size += JSON.stringify(piece)?.length ?? 0
    }
  } finally {
    const parapet = await watch(pieces.splice(0), 'piece')
    if (parapet && isObject(last)) last = { ...last, parapet }
  }
  if (last !== undefined) yield last
}
