import { expect, test } from '@jest/globals'
import { growthRatio } from '../../test/growth-ratio.ts'
import { personalData } from './personal-data.ts'
import { PERSONAL_DATA_KINDS } from './personal-data-kinds.ts'

/** Texts full of beginnings and of almost-numbers. */
const HOSTILE = [
  '1 ',
  '12-',
  '+1 ',
  '1.1.',
  '((((',
  '4242 ',
  '4',
  'a@',
  'a@a.',
  'a.',
  '@',
  'DE89 ',
  'GB82WEST',
  '2001:',
  'x@a-',
]

const CHARACTERS = 6_000

test.each(HOSTILE)('a text full of %j costs in proportion to its length', async (unit) => {
  const { measure } = await personalData({ kinds: PERSONAL_DATA_KINDS }).load()
  const measureOf = (length: number) =>
    measure(
      {
        stage: 'output',
        text: unit.repeat(Math.ceil(length / unit.length)),
        conversation: [],
        language: undefined,
      },
      { signal: AbortSignal.timeout(60_000) },
    )

  // Linear is 8, the square is 64.
  expect(await growthRatio(measureOf, CHARACTERS)).toBeLessThan(24)
})
