import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { arbitraryDecision } from '../testing/arbitrary-decision.ts'
import { SEED } from '../testing/seed.ts'
import { explainDecision } from './explain.ts'
import { memorySink } from './memory-sink.ts'
import { recordLines } from './record-lines.ts'

const TWO = fc.sample(arbitraryDecision, { numRuns: 40, seed: 2 }).map(({ body }) => body)

describe('explainDecision', () => {
  it('gives every reason, outcome and edit of the decision, and no other one\u2019s', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(arbitraryDecision, {
          minLength: 1,
          maxLength: 4,
          selector: ({ body }) => body.decision.id,
        }),
        fc.nat(),
        async (made, pick) => {
          const sink = memorySink()
          for (const { body } of made) await sink.append(body)
          const index = pick % made.length
          const body = JSON.parse(JSON.stringify(made[index]?.body))
          const explained = await explainDecision(recordLines(sink.lines, 'log'), body.decision.id)

          expect(explained.decision).toEqual(body.decision)
          expect(explained.record).toMatchObject({
            file: 'log',
            line: index + 1,
            writer: sink.writer,
            sequence: index,
          })
          expect(explained.rules.length + explained.faults.length + explained.abstentions.length).toBe(
            body.decision.reasons.length,
          )
          expect(explained.outcomes).toHaveLength(
            body.parts.reduce(
              (sum: number, part: { outcomes: object }) => sum + Object.keys(part.outcomes).length,
              0,
            ),
          )
          expect(explained).toMatchObject({
            tenant: body.tenant,
            mode: body.mode,
            complete: true,
            detectors: body.binding.detectors,
          })
        },
      ),
      { seed: SEED },
    )
  })

  it('adds up what each detector cost, and counts what was remembered', async () => {
    const template = TWO.find(({ parts }) => parts.length >= 2 && parts[0])
    if (!template) throw new Error('the sample holds no decision of two parts')
    const [part] = template.parts
    if (!part) throw new Error('the sample holds no part')
    const outcomes = {
      alpha: { kind: 'skipped' as const },
      beta: { kind: 'failed' as const, code: 'PARAPET_X' },
    }
    const sink = memorySink()
    await sink.append({
      ...template,
      parts: [
        { ...part, outcomes, elapsedMs: { beta: 2.5 } },
        { ...part, outcomes, elapsedMs: { beta: 4 } },
        { ...part, outcomes, elapsedMs: { beta: 'cached' } },
      ],
    })
    const { cost, outcomes: explained } = await explainDecision(recordLines(sink.lines), template.decision.id)

    expect(cost.detectors).toEqual({ beta: { asked: 2, cached: 1, elapsedMs: 6.5 } })
    expect(explained.map(({ detector, elapsedMs }) => [detector, elapsedMs])).toEqual([
      ['alpha', undefined],
      ['beta', 2.5],
      ['alpha', undefined],
      ['beta', 4],
      ['alpha', undefined],
      ['beta', 'cached'],
    ])
  })

  it('tells how the hold went on, from whichever file it stands in', async () => {
    let now = 1_000
    const [body] = TWO as [(typeof TWO)[number]]
    const [first, second] = [memorySink({ now: () => now }), memorySink({ now: () => now })]
    await first.append(body)
    const end = { kind: 'hold-end', decisionId: body.decision.id, tenant: 'default', expiresAt: 1 } as const
    await second.append({ ...end, end: { ticket: 't', outcome: 'ticket-given' } })
    now = 2_000
    await second.append({ ...end, end: { ticket: 't', outcome: 'approved', reviewer: 'r' } })
    const sources = [recordLines(second.lines, 'b'), recordLines(first.lines, 'a')]

    expect((await explainDecision(sources, body.decision.id)).holdEnds).toEqual([
      { ticket: 't', outcome: 'ticket-given', at: 1_000 },
      { ticket: 't', outcome: 'approved', reviewer: 'r', at: 2_000 },
    ])
  })

  it.each(['', 'nothing', 'default'])('says that no decision has the id %p', async (id) => {
    const sink = memorySink()
    for (const body of TWO.slice(0, 3)) await sink.append(body)

    await expect(explainDecision(recordLines([...sink.lines, 'hello']), id)).rejects.toMatchObject({
      code: 'PARAPET_RECORD_NOT_FOUND',
      message: expect.stringContaining('4 lines'),
    })
  })
})
