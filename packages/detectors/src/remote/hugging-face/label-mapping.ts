import { z } from 'zod'
import { fault } from '../../errors/codes.ts'
import { checkedScore } from '../service/checked-score.ts'

/** Every label of the model → the label of the detector, or null for one that is not offered. */
export type LabelMapping<Label extends string = string> = Readonly<Record<string, Label | null>>

const answered = z.array(z.object({ label: z.string(), score: z.unknown() })).max(1_000)

/** The labels that a mapping offers, in its order. @throws `PARAPET_DETECTOR_OPTION_INVALID` */
export function mappedLabels<Label extends string>(detector: string, mapping: unknown): readonly Label[] {
  const expected =
    'an object with every label of the model, and for each the label of the detector (each once), or null'
  const invalid = (received: string) =>
    fault('PARAPET_DETECTOR_OPTION_INVALID', { detector, option: 'labels', received, expected })
  if (typeof mapping !== 'object' || mapping === null || Array.isArray(mapping)) {
    throw invalid('no such object')
  }
  const named = Object.values(mapping)
  const labels = named.filter((label): label is Label => typeof label === 'string' && label !== '')
  if (labels.length < named.filter((label) => label !== null).length) {
    throw invalid('an object with something else for a label')
  }
  if (labels.length === 0) throw invalid('an object that offers no label')
  if (new Set(labels).size < labels.length) throw invalid('an object with one label for two of the model')
  return labels
}

/**
 * The scores of an answer. The model must give each label of the mapping once, and no other: a model that was changed
 * behind its name is a fault, never a score.
 * @throws `PARAPET_REMOTE_ANSWER_MALFORMED`, `PARAPET_REMOTE_LABELS_MISMATCH`, `PARAPET_REMOTE_SCORE_INVALID`
 */
export function mapScores(detector: string, mapping: LabelMapping, answer: unknown): Record<string, number> {
  const parsed = answered.safeParse(answer)
  if (!parsed.success) {
    const problem = 'it is no list of labels and scores'
    throw fault('PARAPET_REMOTE_ANSWER_MALFORMED', { detector, problem })
  }
  const expected = Object.keys(mapping)
  const mismatch = (problem: string) =>
    fault('PARAPET_REMOTE_LABELS_MISMATCH', { detector, problem, expected })
  const given = new Map(parsed.data.map(({ label, score }) => [label, score]))
  if (given.size < parsed.data.length) throw mismatch('one came twice')
  const unknown = [...given.keys()].filter((label) => !Object.hasOwn(mapping, label)).length
  if (unknown > 0) throw mismatch(`${unknown} came that the option does not name`)
  const missing = expected.filter((label) => !given.has(label))
  if (missing.length > 0) throw mismatch(`${missing.length} are missing`)
  return Object.fromEntries(
    expected.flatMap((label) => {
      // A label that is not offered is held to the range too: what is broken there is broken everywhere.
      const score = checkedScore(detector, label, given.get(label))
      const own = mapping[label]
      return typeof own === 'string' ? [[own, score] as const] : []
    }),
  )
}
