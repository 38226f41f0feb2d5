import { expect, test } from '@jest/globals'
import { growthRatio } from '../../test/growth-ratio.ts'
import { SECRET_KINDS } from './secret-kinds.ts'
import { secrets } from './secrets.ts'

/** Texts full of beginnings, each of which a careless pattern would follow to the end of the text. */
const HOSTILE = [
  'sk-ant-api03-',
  'sk-proj-',
  'eyJ',
  'eyJhbGciOiJub25lIn0.',
  'glpat-',
  'pypi-AgEIcHlwaS5vcmc',
  '-----BEGIN RSA PRIVATE KEY-----\nA: b\n',
  '-----BEGIN RSA PRIVATE KEY-----\nabcdefgh',
  'https://a:bcd',
  'secret_key = ',
  'secret access key ',
  'Q~8Q~',
  'xoxb-1',
  'A',
  'AKIA',
]

const CHARACTERS = 100_000

test.each(HOSTILE)('a text full of %j costs in proportion to its length', async (unit) => {
  const { measure } = await secrets({ kinds: SECRET_KINDS }).load()
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
