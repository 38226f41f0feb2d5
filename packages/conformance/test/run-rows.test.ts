import { describe, expect, it } from '@jest/globals'
import { type OpenTarget, openBench, rowsNamed, type Target } from '@parapet/conformance'
import { findingsOf } from './findings-of.ts'
import { toyGuard } from './toy-guard.ts'

const targetOf = (open: Partial<OpenTarget>): Target => ({
  name: 'broken',
  version: '1',
  how: 'by hand',
  open: async () => ({
    generate: async () => ({ kind: 'finished' }),
    stream: async () => ({ kind: 'finished' }),
    close: async () => {},
    ...open,
  }),
})

describe('a run', () => {
  it('says nothing of a guard that never calls the provider', async () => {
    await expect(findingsOf(targetOf({}))).rejects.toMatchObject({
      code: 'PARAPET_CONFORMANCE_NOT_DRIVEN',
      message: expect.stringContaining('did not reach the provider'),
    })
  })

  it('says nothing of a guard that asks no check', async () => {
    const toy = toyGuard()
    const unguarded: Target = {
      ...toy,
      open: (setup) =>
        toy.open({
          ...setup,
          judge: { ...setup.judge, check: async () => ({ flagged: false, score: 0, rule: '', reason: '' }) },
        }),
    }

    await expect(findingsOf(unguarded)).rejects.toMatchObject({
      code: 'PARAPET_CONFORMANCE_NOT_DRIVEN',
      message: expect.stringContaining('no check'),
    })
  })

  it('takes a row that does not apply as such, and not as clean', async () => {
    const toy: Target = { ...toyGuard(), notApplicable: { 'choice-leak': 'It has one choice.' } }

    expect(await findingsOf(toy, ['choice-leak'])).toMatchObject([
      { value: 'n/a', clean: 'n/a', how: 'It has one choice.' },
    ])
  })

  it('refuses a row that is not there, and lists those that are', () => {
    expect(() => rowsNamed(['nothing'])).toThrow(/expected one of: .*text-leak/i)
  })

  it('refuses an address that is taken', async () => {
    const bench = await openBench()
    const port = Number(new URL(bench.upstreamUrl).port)

    await expect(openBench({ port })).rejects.toMatchObject({ code: 'PARAPET_CONFORMANCE_LISTEN' })
    await bench.close()
  })
})
