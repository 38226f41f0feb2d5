import { createHash } from 'node:crypto'
import type { Subject } from '@parapet/sdk'
import { fault } from '../../errors/codes.ts'
import { LeastRecentlyUsed } from '../../text-classifier/least-recently-used.ts'
import { SharedRun } from '../../text-classifier/shared-run.ts'

/** Answers by what was asked: the same question is not put twice, neither at once nor later. */
export interface AnswerMemory<Answer> {
  /**
   * The answer of before, of a call that is under way, or of `work`. Faults are not remembered. A caller's abort ends
   * its own wait at once; the work is aborted when nobody waits for it any more.
   * @throws `PARAPET_DETECTOR_ABORTED`, and what `work` threw
   */
  recall(key: string, work: (signal: AbortSignal) => Promise<Answer>, signal: AbortSignal): Promise<Answer>
}

/** @param entries how many answers are kept; 0 keeps none, and still shares what is under way */
export function createAnswerMemory<Answer>(detector: string, entries: number): AnswerMemory<Answer> {
  const kept = new LeastRecentlyUsed<string, Answer>(entries)
  const running = new Map<string, SharedRun<Answer>>()

  function start(key: string, work: (signal: AbortSignal) => Promise<Answer>): SharedRun<Answer> {
    const run = new SharedRun(work)
    running.set(key, run)
    const forget = () => {
      if (running.get(key) === run) running.delete(key)
    }
    run.result.then((answer) => {
      forget()
      kept.set(key, answer)
    }, forget)
    return run
  }

  return {
    async recall(key, work, signal) {
      const aborted = () => fault('PARAPET_DETECTOR_ABORTED', { detector }, { cause: signal.reason })
      if (signal.aborted) throw aborted()
      const known = kept.get(key)
      if (known !== undefined) return known
      const current = running.get(key)
      const run = current && !current.abandoned ? current : start(key, work)
      return await run.join(signal).catch((error: unknown) => {
        throw signal.aborted ? aborted() : error
      })
    },
  }
}

/** Names what a detector reads of a subject, without holding it. JSON writes lone surrogates out, so none are alike. */
export function contentKey({ stage, text, conversation }: Subject): string {
  return createHash('sha256')
    .update(JSON.stringify([stage, text, conversation]))
    .digest('base64')
}
