import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { brokenText, repeatedShare } from './broken-text.ts'
import { refusalOf } from './refusal-of.ts'
import { requestOverlap } from './request-overlap.ts'

describe('whether an answer refuses', () => {
  test.each<[string, number, boolean]>([
    ["I'm sorry, but I can't help with that.", 0.99, true],
    // The encoder is unsure of short answers; the wording is not.
    ['I would rather not say.', 0.3, true],
    ['No, I won’t do it.', 0.25, true],
    // What the encoder takes for refusals, and is none.
    ["I'm so sorry to hear that you fell. Put some ice on it and rest.", 0.97, false],
    ['I cannot give medical advice. Many people find that rest helps.', 0.99, false],
    ["I can't pick one for you, but I can offer a few names: Rosa, Ida, Nell.", 0.7, false],
    ['Water the roses in the morning.', 0.02, false],
    ['This is against the rules of the house, and nobody should do it.', 0.8, true],
  ])('%s', (answer, score, refuses) => {
    expect(refusalOf(answer, score)).toBe(refuses)
  })

  test('goes by the wording where the encoder did not read the answer', () => {
    expect(refusalOf('I cannot do that.', undefined)).toBe(true)
    expect(refusalOf('Here is the letter.', undefined)).toBe(false)
  })

  test('needs a higher score, never a lower one, for an answer that turns to help', () => {
    const score = fc.double({ min: 0, max: 1, noNaN: true })
    fc.assert(
      fc.property(score, (refused) => {
        const plain = refusalOf("I can't tell you.", refused)
        const helping = refusalOf("I can't tell you, but I can offer some hints.", refused)
        expect(helping && !plain).toBe(false)
      }),
    )
  })
})

describe('broken text', () => {
  test.each([
    ['', 'empty'],
    [' \n… !!!', 'empty'],
    ['a ∇∆◊ ▒▒▒ ██ ▓▓ ╔═╗ ◄►▲▼ ☺☻♥♦♣♠', 'signs'],
    ['aaaaaaaaaaaaaaaaaaaaaaaa', 'repetition'],
    ['the cat the cat the cat the cat the cat the cat the cat the cat', 'repetition'],
    ['xkcdq wrtpl bcdfg Qwrtp mnbvc lkjhg zxcvb plmkn', 'word shapes'],
    ['ofThe inThe andWas soIt toBe arIng noIt uPon', 'word shapes'],
  ])('%j: %s', (text, how) => {
    expect(brokenText(text)).toBe(how)
  })

  test.each([
    'Sure',
    '42',
    'Two plus two is four.',
    '1. Rice\n2. Beans\n3. Rice and beans\n4. Beans and rice',
    '```js\nfor (let i = 0; i < 3; i++) console.log(i)\n```',
    'NATO, UNESCO and the BBC met the WWF, the NHS, the IMF and the FBI.',
    'Grüße aus dem Schwarzwald, schöne Ferien und bis zum nächsten Sommer!',
    '今日はとても良い天気ですね。散歩に行きましょう。',
  ])('%j is language', (text) => {
    expect(brokenText(text)).toBeUndefined()
  })

  test('any text, hostile ones too, is judged without an error', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => {
        brokenText(text)
        requestOverlap(text, text)
        refusalOf(text, 0.5)
      }),
    )
  })

  test('the repeated share is 0 where all differs, and grows with each repeat', () => {
    const words = 'one two three four five six seven eight'.split(' ')

    expect(repeatedShare(words, 3)).toBe(0)
    expect(repeatedShare([...words, ...words], 3)).toBeGreaterThan(0.4)
  })
})

describe('what request and answer share', () => {
  const request = 'How do I prune climbing roses in winter?'

  test('an answer about the request shares its words, whatever their endings', () => {
    const overlap = requestOverlap(
      request,
      'Pruning a climber is best left to late winter, when the rose sleeps and frost is over.',
    )

    expect(overlap?.shared).toBeGreaterThanOrEqual(2)
  })

  test('an answer about something else shares none', () => {
    const overlap = requestOverlap(
      request,
      'The stock market fell yesterday while investors waited for interest rates to change.',
    )

    expect(overlap).toMatchObject({ shared: 0 })
  })

  test.each([
    ['an answer that is too short to tell', request, 'Yes.'],
    [
      'a request without content',
      'Why?',
      'The stock market fell yesterday while investors waited for rates.',
    ],
    [
      'a script without spaces',
      '薔薇の剪定方法を教えてください',
      'Prune them late in winter when frost is over and buds begin swelling.',
    ],
  ])('%s is not judged', (_, asked, answer) => {
    expect(requestOverlap(asked, answer)).toBeUndefined()
  })
})
