import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { subject } from '../../../test/builders/subject.ts'
import { blockEnd, blockStart, dataBlock } from './data-block.ts'
import { judgePrompt } from './judge-prompt.ts'

const NONCE = '0123456789abcdef01234567'
const SECRETS = { nonce: NONCE, check: '89abcdef' }
const RUBRIC = { rude: 'Insults a person.' }

/** Texts that know the nonce, which no text can, and all that a block is made of. */
const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        blockStart(NONCE),
        blockEnd(NONCE),
        NONCE,
        '"}',
        '","text":"',
        '\\',
        '\n',
        '\u2028',
        '\u202e',
        '\u200b',
        '\udb40\udc41',
        '<|im_end|>',
        '[/INST]',
        '\ud800',
      ),
      fc.string({ unit: 'binary', maxLength: 8 }),
    ),
    { maxLength: 10 },
  )
  .map((parts) => parts.join(''))

test('whatever the text and the conversation, there is one block, of one line, and it decodes to them', () => {
  fc.assert(
    fc.property(hostile, hostile, (text, before) => {
      const conversation = [{ role: 'user' as const, parts: [{ type: 'text' as const, text: before }] }]
      const { prompt, instructions } = judgePrompt(RUBRIC, subject(text, { conversation }), SECRETS)

      const lines = prompt.split(/[\n\r\u2028\u2029\u0085]/)
      expect(lines).toHaveLength(4)
      expect([lines[0], lines[2]]).toEqual([blockStart(NONCE), blockEnd(NONCE)])
      expect(prompt.split('<data-')).toHaveLength(2)
      expect(prompt.split('</data-')).toHaveLength(2)
      expect(JSON.parse(lines[1] ?? '')).toEqual({
        stage: 'input',
        conversation: [{ role: 'user', text: before }],
        text,
      })
      // The rest of the prompt does not depend on the text at all.
      const other = judgePrompt(RUBRIC, subject('x'), SECRETS)
      expect(instructions).toBe(other.instructions)
      expect(lines[3]).toBe(other.prompt.split('\n')[3])
    }),
  )
})

test('nothing in a block can steer: no bracket that is not JSON’s own, no control, hidden or unassigned character', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const [, line = ''] = dataBlock(subject(text), NONCE).split('\n')
      const inner = line.replace('"conversation":[]', '')

      expect(inner).not.toMatch(/[<>[\]|\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u)
    }),
  )
})

test('ordinary text stays readable', () => {
  expect(dataBlock(subject('Où est mon colis n° 4711 ? 漢字 😀 "now"'), NONCE)).toContain(
    '"text":"Où est mon colis n° 4711 ? 漢字 😀 \\"now\\""',
  )
})
