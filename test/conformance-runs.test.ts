import { expect, it } from '@jest/globals'
import type { Finding } from '@parapet/conformance'
import { settle } from '../conformance/settle.ts'

const found = (value: Finding['value'], how = 'Sent and seen.'): Finding => ({
  target: 'some-guard',
  version: '1',
  row: 'verdicts-differ',
  unit: 'of 16 streams',
  value,
  clean: value === 'n/a' ? 'n/a' : value === 0,
  how,
})

it('takes what was clean at once as it is', () => {
  expect(settle([found(0)])).toEqual(found(0))
})

it('takes what recurs for a finding, and of values that differ the least', () => {
  expect(settle([found(2), found(2), found(2)])).toEqual(found(2))
  expect(settle([found(12), found(11, 'Here.'), found(12)])).toEqual({
    ...found(11),
    how: 'Here. The least of 3 runs: 12, 11, 12.',
  })
})

it.each([
  ['found in 1, clean in 2 of 3 runs', 'Found: Once.', [found(1, 'Once.'), found(0), found(0)]],
  [
    'found in 1, clean in 1, unasked in 1 of 3 runs',
    'Found: Once. Unasked: It ended.',
    [found(0), found(1, 'Once.'), found('n/a', 'It ended.')],
  ],
  [
    'found in 2, unasked in 1 of 3 runs',
    'Found: Once. Unasked: It ended.',
    [found('n/a', 'It ended.'), found(1, 'Once.'), found(1)],
  ],
  [
    'clean in 2, unasked in 1 of 3 runs',
    'Unasked: It ended.',
    [found('n/a', 'It ended.'), found(0), found(0)],
  ],
] as const)(
  'says how each run ended where they differ, which is neither clean nor a finding: %s',
  (...given) => {
    const [runs, how, [first, ...others]] = given

    expect(settle([first, ...others])).toEqual({ ...found('n/a'), runs, how })
  },
)

it('takes what could never be asked as such', () => {
  expect(settle([found('n/a', 'No.'), found('n/a'), found('n/a')])).toEqual(found('n/a', 'No.'))
})
