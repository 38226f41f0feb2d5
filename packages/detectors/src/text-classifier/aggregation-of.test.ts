import { expect, test } from '@jest/globals'
import { aggregationOf } from './aggregation-of.ts'

const spec = { output: 'mood', aggregation: 'maximum' } as const
const manifest = (mood: object) => ({ outputs: { mood, other: { aggregate: 'maximum' } } })

test('the manifest says how windows are joined', () => {
  expect(aggregationOf(manifest({ aggregate: 'mean-of-logits' }), spec)).toBe('mean-of-logits')
})

test('where it says nothing the detector has its own way', () => {
  expect(aggregationOf(manifest({}), spec)).toBe('maximum')
})

test('a way that is not known is an error that names the place', () => {
  expect(() => aggregationOf(manifest({ aggregate: 'median' }), spec)).toThrow(
    expect.objectContaining({
      code: 'PARAPET_MODEL_MANIFEST_INVALID',
      message: expect.stringContaining('"outputs.mood.aggregate"'),
    }),
  )
})
