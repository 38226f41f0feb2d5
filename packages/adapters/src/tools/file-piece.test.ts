import { expect, it } from '@jest/globals'
import { filePiece } from './file-piece.ts'

const ADDRESS = 'https://example.com/a'

it.each([
  ['of today', { type: 'file', mediaType: 'image/png', data: { type: 'url', url: new URL(ADDRESS) } }],
  ['of before', { type: 'image-url', mediaType: 'image/png', url: ADDRESS }],
])('has the address of a file judged beside what nothing can read: %s', (_, file) => {
  const piece = filePiece(file)

  expect(piece.parts).toEqual([{ text: ADDRESS }, { media: 'image/png' }])
  expect(piece.with([ADDRESS, ''])).toBe(file)
  expect(piece.with(['[cut]', ''])).toEqual({ type: 'text', text: '[cut]' })
})

it('has a name and a text judged in their order', () => {
  const file = { type: 'file', filename: 'a', mediaType: 'text/plain', data: { type: 'text', text: 'b' } }
  const piece = filePiece(file)

  expect(piece.parts).toEqual([{ text: 'a' }, { text: 'b' }])
  expect(piece.with(['c', 'd'])).toEqual({ ...file, filename: 'c', data: { type: 'text', text: 'd' } })
})

it.each([undefined, 7, {}, { type: 'reference', reference: { openai: 'f1' } }])(
  'takes %j for what nothing can read',
  (data) => {
    expect(filePiece({ type: 'file', mediaType: 'text/plain', data }).parts).toEqual([
      { media: 'text/plain' },
    ])
  },
)
