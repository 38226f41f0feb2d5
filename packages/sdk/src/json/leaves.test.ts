import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { editJson, jsonLeaves } from './leaves.ts'

const leavesOf = (json: string) => {
  const leaves = jsonLeaves(json)
  if (!leaves) throw new Error('not JSON')
  return leaves
}

describe('jsonLeaves', () => {
  it('decodes escapes, so that a detector reads what the program will read', () => {
    const json = '{"a": "4\\u0031\\u0031", "b": ["\\n", 12]}'

    expect(leavesOf(json).text).toBe('a\n411\nb\n\n\n12')
  })

  it('gives undefined for what is not JSON and for what is nested beyond the stack', () => {
    expect(jsonLeaves('{"a": ')).toBeUndefined()
    expect(jsonLeaves('['.repeat(200_000) + ']'.repeat(200_000))).toBeUndefined()
  })

  it('reads a large text in linear time', () => {
    const json = JSON.stringify(Array.from({ length: 200_000 }, (_, index) => `value ${index}`))

    expect(leavesOf(json).leaves).toHaveLength(200_000)
  })
})

describe('editJson', () => {
  it('changes the value that was cut and nothing else', () => {
    const json = '{ "name": "Ada",\n  "card": "4111 1111" }'
    const leaves = leavesOf(json)
    const start = leaves.text.indexOf('4111')

    expect(editJson(json, leaves, [{ start, end: start + 9, replacement: '[card "no"]' }])).toBe(
      '{ "name": "Ada",\n  "card": "[card \\"no\\"]" }',
    )
  })

  it('makes a number that was cut a string, and gives up on a key', () => {
    const json = '{"card": 4111}'
    const leaves = leavesOf(json)

    expect(editJson(json, leaves, [{ start: 5, end: 9, replacement: '#' }])).toBe('{"card": "#"}')
    expect(editJson(json, leaves, [{ start: 0, end: 4, replacement: '#' }])).toBeUndefined()
  })

  it('gives JSON, for any value and any edits that touch no key', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string()),
        fc.array(fc.tuple(fc.nat(50), fc.integer({ min: 1, max: 9 }))),
        (values, cuts) => {
          const json = JSON.stringify(values)
          const leaves = leavesOf(json)

          const edited = editJson(
            json,
            leaves,
            cuts.map(([start, length]) => ({ start, end: start + length, replacement: '"#' })),
          )

          expect(JSON.parse(edited as string)).toHaveLength(values.length)
        },
      ),
    )
  })
})
