import { expect, test } from '@jest/globals'
import { mappedLabels, mapScores } from './label-mapping.ts'

const mapping = { LABEL_0: null, LABEL_1: 'toxic' } as const
const answer = (scores: Record<string, unknown>) =>
  Object.entries(scores).map(([label, score]) => ({ label, score }))

test('the labels are those that the model’s stand for', () => {
  expect(mappedLabels('test', mapping)).toEqual(['toxic'])
})

test('the scores are those of the labels that are offered, whatever their order', () => {
  expect(mapScores('test', mapping, answer({ LABEL_1: 0.75, LABEL_0: 0.25 }))).toEqual({ toxic: 0.75 })
})

test.each([
  ['nothing', undefined],
  ['a list', ['toxic']],
  ['an object without labels', {}],
  ['an object that offers none', { LABEL_0: null }],
  ['one label twice', { LABEL_0: 'toxic', LABEL_1: 'toxic' }],
  ['a label that is a number', { LABEL_0: 1 }],
  ['an empty label', { LABEL_0: '' }],
])('%s is no mapping', (_, value) => {
  expect(() => mappedLabels('test', value)).toThrow(
    expect.objectContaining({ code: 'PARAPET_DETECTOR_OPTION_INVALID' }),
  )
})

const LIES: readonly (readonly [string, unknown, string])[] = [
  ['a missing label', answer({ LABEL_1: 0.75 }), 'PARAPET_REMOTE_LABELS_MISMATCH'],
  ['a label more', answer({ LABEL_0: 0.1, LABEL_1: 0.8, canary: 0.1 }), 'PARAPET_REMOTE_LABELS_MISMATCH'],
  ['other labels', answer({ NEGATIVE: 0.75, POSITIVE: 0.25 }), 'PARAPET_REMOTE_LABELS_MISMATCH'],
  ['a label of Object', answer({ LABEL_0: 0, toString: 1 }), 'PARAPET_REMOTE_LABELS_MISMATCH'],
  [
    'one label twice',
    [...answer({ LABEL_0: 0.25, LABEL_1: 0.75 }), { label: 'LABEL_1', score: 0 }],
    'PARAPET_REMOTE_LABELS_MISMATCH',
  ],
  ['no label at all', [], 'PARAPET_REMOTE_LABELS_MISMATCH'],
  ['logits', answer({ LABEL_0: -2.5, LABEL_1: 3.1 }), 'PARAPET_REMOTE_SCORE_INVALID'],
  ['a score over 1', answer({ LABEL_0: 0, LABEL_1: 1.01 }), 'PARAPET_REMOTE_SCORE_INVALID'],
  ['NaN as a text', answer({ LABEL_0: 0, LABEL_1: 'NaN' }), 'PARAPET_REMOTE_SCORE_INVALID'],
  ['null for NaN', answer({ LABEL_0: 0, LABEL_1: null }), 'PARAPET_REMOTE_SCORE_INVALID'],
  [
    'a broken score that is not offered',
    answer({ LABEL_0: null, LABEL_1: 0.5 }),
    'PARAPET_REMOTE_SCORE_INVALID',
  ],
  ['no list', { LABEL_1: 1 }, 'PARAPET_REMOTE_ANSWER_MALFORMED'],
  ['labels without names', [{ score: 1 }], 'PARAPET_REMOTE_ANSWER_MALFORMED'],
]

test.each(LIES)('%s is a fault, never a score', (_, given, code) => {
  const scored = () => mapScores('test', mapping, given)

  expect(scored).toThrow(expect.objectContaining({ code }))
  expect(scored).not.toThrow('canary')
})
