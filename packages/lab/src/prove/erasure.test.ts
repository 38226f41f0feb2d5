import { expect, test } from '@jest/globals'
import { erasureOf } from './erasure.ts'

const zero = { erase: 'zero', offset: 0.4 } as const
const affine = { erase: 'affine', offset: 0.4 } as const

test.each([
  ['the form that the file was chosen with', {}, affine, { erase: 'affine', eraseOffset: 0.4 }],
  ['zero where the file says so', {}, zero, { erase: 'zero', eraseOffset: 0 }],
  ['zero when it is asked for', { erase: 'zero' }, affine, { erase: 'zero', eraseOffset: 0 }],
  ['affine when it is asked for', { erase: 'affine' }, zero, { erase: 'affine', eraseOffset: 0.4 }],
  ['another offset', { eraseOffset: -2 }, affine, { erase: 'affine', eraseOffset: -2 }],
  ['an offset of 0', { eraseOffset: 0 }, affine, { erase: 'zero', eraseOffset: 0 }],
] as const)('%s', (_, options, fitted, expected) => {
  expect(erasureOf(options, fitted)).toEqual(expected)
})

test.each([
  ['affine without an offset', { erase: 'affine' }, { erase: 'zero' }],
  ['zero with one', { erase: 'zero', eraseOffset: 1 }, zero],
] as const)('%s is an error', (_, options, fitted) => {
  expect(() => erasureOf(options, fitted)).toThrow(
    expect.objectContaining({ code: 'PARAPET_LAB_OPTION_INVALID' }),
  )
})
