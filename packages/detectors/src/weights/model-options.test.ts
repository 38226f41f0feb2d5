import { expect, test } from '@jest/globals'
import { refusalDirection, sentiment, toxicity } from '../index.ts'

const given = (options: object) => () => toxicity(options as never)

const broken: [string, object, string][] = [
  ['an unknown option', { maxTokenz: 3 }, 'option "maxTokenz" is unknown; expected one of weights, host'],
  ['weights that are no text', { weights: 3 }, 'option "weights" is of type number'],
  ['a host that is none', { host: {} }, 'option "host" is of type object'],
  ['no tokens at all', { maxTokens: 0 }, 'option "maxTokens" is 0'],
  ['half a token', { maxTokens: 1.5 }, 'option "maxTokens" is 1.5'],
  ['a language that is no code', { languages: ['english'] }, 'option "languages" is another list'],
  ['no languages', { languages: [] }, 'option "languages"'],
  ['no labels', { labels: [] }, 'option "labels" is empty'],
  ['a label twice', { labels: ['toxic', 'toxic'] }, 'option "labels" is a list with a label twice'],
  ['a mistyped label', { labels: ['toxik'] }, 'of toxic, severe, obscene, threat, insult, identity'],
]

test.each(broken)('%s fails when the detector is made', (_, options, message) => {
  expect(given(options)).toThrow(
    expect.objectContaining({
      code: 'PARAPET_DETECTOR_OPTION_INVALID',
      message: expect.stringContaining(message),
    }),
  )
})

test('labels are an option of classifiers alone', () => {
  expect(() => refusalDirection({ labels: ['harmful'] } as never)).toThrow(/"labels" is unknown/)
})

test('a descriptor is plain data that states every option', () => {
  const { descriptor } = sentiment({ labels: ['negative'], maxTokens: 100 })

  expect(JSON.parse(JSON.stringify(descriptor))).toEqual(descriptor)
  expect(descriptor).toMatchObject({
    id: 'sentiment',
    labels: ['negative'],
    options: { weights: '@parapet/model-encoder', languages: ['en'], labels: ['negative'], maxTokens: 100 },
    coverage: { languages: ['en'], maxCharacters: 1600 },
    tier: 'model',
    contextCharacters: 0,
  })
})

test('the refusal direction reads what comes in, and an answer beside its request', () => {
  expect(refusalDirection().descriptor.coverage.stages).toEqual(['input', 'toolResult', 'output'])
})
