import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { safetensors, safetensorsOf } from '../../test/builders/direction-builder.ts'
import { parseSafetensors, SafetensorsError } from './safetensors.ts'

const entry = (offsets: readonly [number, number], shape: readonly number[] = [1], dtype = 'F32') => ({
  dtype,
  shape,
  data_offsets: offsets,
})
const floats = (...values: number[]) => Buffer.from(Float32Array.from(values).buffer)

test('tensors and metadata come back as they were written', () => {
  const values = fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { maxLength: 8 })
  fc.assert(
    fc.property(
      fc.dictionary(fc.string(), values),
      fc.dictionary(fc.string(), fc.string()),
      (rows, metadata) => {
        const names = Object.keys(rows).filter((name) => name !== '__metadata__')
        const tensors = Object.fromEntries(
          names.map((name) => [name, { shape: [rows[name]?.length ?? 0], values: rows[name] ?? [] }]),
        )

        const file = parseSafetensors(safetensorsOf(tensors, metadata))

        expect([...file.tensors.keys()].sort()).toEqual(Object.keys(tensors).sort())
        for (const name of Object.keys(tensors)) {
          expect([...(file.tensors.get(name)?.values ?? [])]).toEqual(rows[name])
        }
        expect([...file.metadata.keys()].sort()).toEqual(Object.keys(metadata).sort())
      },
    ),
  )
})

test('numbers are read at any offset of the buffer they came in', () => {
  const file = safetensorsOf({ a: { shape: [2], values: [1.5, -2] } })
  const shifted = new Uint8Array(file.length + 3)
  shifted.set(file, 3)

  const { tensors } = parseSafetensors(shifted.subarray(3))

  expect([...(tensors.get('a')?.values ?? [])]).toEqual([1.5, -2])
})

const lengthOf = (length: bigint) => {
  const bytes = Buffer.alloc(16)
  bytes.writeBigUInt64LE(length)
  return bytes
}
const hostile: [string, Uint8Array, RegExp][] = [
  ['an empty file', new Uint8Array(), /shorter than its first field/],
  ['a header longer than the file', lengthOf(100n), /longer than the file/],
  ['a header length near 2^64', lengthOf(2n ** 64n - 1n), /longer than the file/],
  ['a header that is no JSON', safetensors('{'), /not JSON/],
  ['a header that is a list', safetensors([]), /not an object/],
  ['a tensor of another type', safetensors({ a: entry([0, 4], [1], 'F16') }, floats(1)), /only F32/],
  ['a tensor beyond the data', safetensors({ a: entry([0, 8], [2]) }, floats(1)), /does not fit/],
  ['offsets in the wrong order', safetensors({ a: entry([4, 0], [1]) }, floats(1)), /does not fit/],
  ['a negative offset', safetensors({ a: entry([-4, 0], [1]) }, floats(1)), /another form/],
  ['a shape that is not its size', safetensors({ a: entry([0, 4], [2]) }, floats(1)), /does not fit/],
  [
    'a shape whose product overflows',
    safetensors({ a: entry([0, 4], [2 ** 40, 2 ** 40]) }, floats(1)),
    /does not fit/,
  ],
  ['tensors that overlap', safetensors({ a: entry([0, 4]), b: entry([0, 4]) }, floats(1)), /overlap/],
  ['a hole between tensors', safetensors({ a: entry([0, 4]), b: entry([8, 12]) }, floats(1, 2, 3)), /hole/],
  ['data that belongs to nothing', safetensors({ a: entry([0, 4]) }, floats(1, 2)), /no tensor/],
  ['a NaN', safetensors({ a: entry([0, 4]) }, floats(Number.NaN)), /not finite/],
  ['metadata that is no text', safetensors({ __metadata__: { a: 1 } }), /another form/],
]

test.each(hostile)('%s is refused', (_, bytes, message) => {
  expect(() => parseSafetensors(bytes)).toThrow(SafetensorsError)
  expect(() => parseSafetensors(bytes)).toThrow(message)
})

test('any damage to a file gives a file or a refusal, never another error', () => {
  const valid = safetensorsOf({ a: { shape: [2], values: [1, 2] } }, { parapet: '{}' })
  fc.assert(
    fc.property(fc.nat(valid.length - 1), fc.nat(255), fc.nat(valid.length), (place, byte, length) => {
      const bytes = Uint8Array.from(valid)
      bytes[place] = byte

      try {
        parseSafetensors(bytes.subarray(0, length))
      } catch (error) {
        expect(error).toBeInstanceOf(SafetensorsError)
      }
    }),
    { numRuns: 1000 },
  )
})

test('a tensor named like a part of every object is only a name', () => {
  const bytes = safetensors(`{"__proto__": ${JSON.stringify(entry([0, 4]))}}`, floats(7))

  const { tensors } = parseSafetensors(bytes)

  expect([...(tensors.get('__proto__')?.values ?? [])]).toEqual([7])
})
