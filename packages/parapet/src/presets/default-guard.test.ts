import { afterAll, afterEach, describe, expect, it, jest } from '@jest/globals'
import { closeModels } from '@parapet/detectors'
import { type DecisionBody, memorySink } from '@parapet/sdk'
import { createDefaultGuard } from './default-guard.ts'

/** Loading every model takes a while where few cores are free. */
const LONG_MS = 180_000
const LEAK = `The key is ${['ghp', '_', 'x7Kq2mVn9Tz4Lw8Rb3Yc6Hd1Jf5Sg0PaQeUi'].join('')}.`

afterEach(() => {
  jest.restoreAllMocks()
})
afterAll(closeModels)

describe('createDefaultGuard', () => {
  it(
    'changes nothing, and says on standard error what it would have done, without any text',
    async () => {
      const warn = jest.spyOn(console, 'warn').mockImplementation(() => undefined)
      const guard = createDefaultGuard()

      const leak = await guard.check({ stage: 'output', text: LEAK })
      await guard.check({ stage: 'output', text: 'The library opens at ten.' })
      await guard.close()

      expect(leak).toMatchObject({ verdict: 'allow', effective: 'allow' })
      expect(warn.mock.calls).toEqual([
        [
          expect.stringMatching(
            /^parapet, in shadow, would redact 1 place \(output: secrets github-token .*\); decision /,
          ),
        ],
      ])
      expect(JSON.stringify(warn.mock.calls)).not.toContain('ghp_')
    },
    LONG_MS,
  )

  it(
    'hands each decision to the callback and to the records, in that order of safety: records first',
    async () => {
      const records = memorySink()
      const seen: { body: DecisionBody; stored: number }[] = []
      const guard = createDefaultGuard({
        records,
        onDecision: (body) => seen.push({ body, stored: records.bodies.length }),
      })

      const decision = await guard.check({ stage: 'output', text: LEAK })
      await guard.close()

      expect(seen).toMatchObject([{ body: { mode: 'shadow', decision: { id: decision.id } }, stored: 1 }])
    },
    LONG_MS,
  )
})
