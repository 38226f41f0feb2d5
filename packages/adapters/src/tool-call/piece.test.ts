import { expect, it } from '@jest/globals'
import { fixed, json, list, media, members, type Piece, text } from './piece.ts'

/** Gives every judged text back as its place among the parts says. */
const numbered = (piece: Piece<unknown>) =>
  piece.with(piece.parts.map((part, index) => ('json' in part ? JSON.stringify({ at: index }) : `t${index}`)))

it('gives each piece the texts that were released of it, in order', () => {
  const piece = members({
    said: text('a'),
    size: fixed(3),
    all: list<unknown>([text('b'), members({ data: json({ c: 1 }) }), fixed(4), text('d')]),
    picture: media('image/png', 'AAAA'),
    nothing: undefined,
    last: text('e'),
  })

  expect(piece.parts).toEqual([
    { text: 'a' },
    { text: 'b' },
    { text: '{"c":1}', json: true },
    { text: 'd' },
    { media: 'image/png' },
    { text: 'e' },
  ])
  expect(numbered(piece)).toEqual({
    said: 't0',
    size: 3,
    all: ['t1', { data: { at: 2 } }, 4, 't3'],
    picture: 'AAAA',
    last: 't5',
  })
})

it('takes a kind of media that is no text for bytes', () => {
  expect(media({ type: 'image/png' }, 'AAAA').parts).toEqual([{ media: 'application/octet-stream' }])
})
