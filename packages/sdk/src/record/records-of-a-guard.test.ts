import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { createGuard } from '../guard/create-guard.ts'
import { memoryQueue } from '../review/memory-queue.ts'
import { scriptedPolicy } from '../testing/scripted-policy.ts'
import { SEED } from '../testing/seed.ts'
import { explainDecision } from './explain.ts'
import { memorySink } from './memory-sink.ts'
import { recordKeys } from './record-keys.ts'
import { recordLines } from './record-lines.ts'
import { replayRecords } from './replay.ts'
import { verifyRecords } from './verify.ts'

const keys = recordKeys({ current: { id: 'k-1', key: new Uint8Array(32).fill(3) } })
const CANARY = 'canary-4711'
/** Texts that allow, block, hold, redact, fail, and hold what a keyed digest must keep apart; each with the canary. */
const text = fc
  .array(
    fc.constantFrom(
      'hello ',
      'BLOCK-ME ',
      'HOLD-ME ',
      'SECRET-1234 ',
      'FAIL-ME ',
      '\ud800',
      '\u202e',
      'x'.repeat(60),
    ),
    { maxLength: 5 },
  )
  .map((words) => words.join('') + CANARY)
const release = fc.constantFrom('whole' as const, { windowCharacters: 40 })

describe('the records of a guard', () => {
  it('verify, hold no text, and give every decision again under the policy that made them', async () => {
    await fc.assert(
      fc.asyncProperty(text, text, text, release, async (said, answered, tool, released) => {
        const policy = scriptedPolicy({
          release: released,
          review: { mode: 'defer', withinMs: 60_000, otherwise: 'block' },
        })
        const records = memorySink({ keys })
        const queue = memoryQueue()
        const guard = createGuard({ policy, queue, records, keys })
        await guard.check({ stage: 'input', text: said })
        const exchange = guard.exchange({
          messages: [{ role: 'user', content: said }],
          context: { subjectKey: CANARY },
        })
        await exchange.input()
        await exchange.answer({
          parts: [
            { stage: 'output', text: answered },
            { stage: 'toolCall', toolName: 'tool', text: JSON.stringify({ [tool]: tool }), json: true },
          ],
        })
        const lines = recordLines(records.lines)
        const replay = await replayRecords(lines, policy.document)

        expect(await verifyRecords(lines, { keys })).toMatchObject({ ok: true, broken: 0, unchecked: 0 })
        expect(replay).toMatchObject({ diverged: [], changed: [], unanswerable: [], unreadable: 0 })
        expect(replay.decisions).toBeGreaterThanOrEqual(3)
        expect(records.lines.join('\n')).not.toContain(CANARY)
        for (const body of records.bodies)
          if (body.kind === 'decision')
            expect((await explainDecision(lines, body.decision.id)).decision.verdict).toBe(
              body.decision.verdict,
            )
        await guard.close()
        await queue.close()
      }),
      { seed: SEED, numRuns: 60 },
    )
  })

  it('answer for a policy of other words only what they measured', async () => {
    const records = memorySink()
    const loose = scriptedPolicy({ policy: { version: '2' } })
    const guard = createGuard({ policy: loose, queue: memoryQueue(), records, keys })
    for (const said of ['hello', 'BLOCK-ME']) await guard.check({ stage: 'input', text: said })
    await guard.close()
    const stricter = { ...loose.document, version: '3' }
    const other = { ...stricter, detectors: { words: { id: 'words', version: '9', options: {} } } }

    expect(await replayRecords(recordLines(records.lines), stricter)).toMatchObject({
      unchanged: 2,
      changedCount: 0,
    })
    expect(await replayRecords(recordLines(records.lines), other)).toMatchObject({
      unanswerableCount: 2,
      unknowns: { detector: 2 },
    })
  })
})
