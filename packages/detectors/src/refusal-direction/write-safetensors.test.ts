import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { parseSafetensors, type Tensor } from './safetensors.ts'
import { writeSafetensors } from './write-safetensors.ts'

const tensor = fc.array(fc.nat(3), { maxLength: 3 }).chain((shape) => {
  const size = shape.reduce((product, dimension) => product * dimension, 1)
  const value = fc.float({ noNaN: true, noDefaultInfinity: true })
  return fc
    .array(value, { minLength: size, maxLength: size })
    .map((values): Tensor => ({ shape, values: Float32Array.from(values) }))
})

test('what is written is read again, to the bit', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.string(), tensor), { maxLength: 4 }),
      fc.array(fc.tuple(fc.string(), fc.string()), { maxLength: 3 }),
      (tensors, texts) => {
        const given = new Map(tensors.filter(([name]) => name !== '__metadata__'))
        const metadata = new Map(texts)

        const file = parseSafetensors(writeSafetensors(given, metadata))

        expect(new Map(file.tensors)).toEqual(given)
        expect(new Map(file.metadata)).toEqual(metadata)
      },
    ),
  )
})

test('the data begin at a multiple of 8 bytes, as the format asks', () => {
  const bytes = writeSafetensors(new Map([['a', { shape: [1], values: Float32Array.of(1) }]]))

  expect(bytes.length % 8).toBe(4)
  expect(new TextDecoder().decode(bytes.subarray(8, 9))).toBe('{')
})
