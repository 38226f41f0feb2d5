import { expect, test } from '@jest/globals'
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
  const elapsedMs = async (length: number): Promise<number> => {
    const text = unit.repeat(Math.ceil(length / unit.length))
    const started = performance.now()
    await measure(
      { stage: 'output', text, conversation: [], language: undefined },
      { signal: AbortSignal.timeout(60_000) },
    )
    return performance.now() - started
  }
  await elapsedMs(CHARACTERS)

  const small = Math.max(5, await elapsedMs(CHARACTERS), await elapsedMs(CHARACTERS))
  const large = await elapsedMs(CHARACTERS * 8)

  // Linear is 8, the square is 64.
  expect(large / small).toBeLessThan(24)
})
