import { expect, it } from '@jest/globals'
import type { Target } from '@parapet/conformance'
import { findingsOf } from './findings-of.ts'
import { type ToyFault, toyGuard } from './toy-guard.ts'

/** A guard whose check is shown requests and no answer: half of what fails there is never asked. */
function requestsAlone(fault?: ToyFault): Target {
  const toy = toyGuard(fault)
  return {
    ...toy,
    open: (setup) =>
      toy.open({
        ...setup,
        judge: {
          ...setup.judge,
          check: async (text, options) =>
            /^Say /.test(text)
              ? setup.judge.check(text, options)
              : { flagged: false, score: 0, rule: '', reason: '' },
        },
      }),
  }
}

it('says of how many calls it counted: those in which the check was asked', async () => {
  expect(await findingsOf(requestsAlone(), ['failed-check-passes'])).toMatchObject([
    { value: 0, unit: 'of 4 calls', clean: true },
  ])
  expect(await findingsOf(requestsAlone('failed-check-passes'), ['failed-check-passes'])).toMatchObject([
    { value: 4, unit: 'of 4 calls', clean: false },
  ])
})

it('says of how many calls it counted: those that were blocked', async () => {
  expect(await findingsOf(requestsAlone(), ['call-left-running'])).toMatchObject([
    { value: 0, unit: 'of 2 calls', clean: true },
  ])
})
