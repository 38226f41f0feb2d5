import { type Detector, type DetectorDescriptor, digestOf, type JsonObject, STAGES } from '@parapet/sdk'
import { collectFindings } from './collect-findings.ts'
import type { Finder } from './finder.ts'

/** The longest text that pattern detectors are asked about, in UTF-16 units. */
export const MAX_PATTERN_CHARACTERS = 2_000_000

export interface PatternDetectorParts<Label extends string> {
  readonly id: string
  readonly version: string
  readonly labels: readonly Label[]
  readonly options: JsonObject
  /** The longest span, in UTF-16 units: known before the finders are loaded. */
  readonly maxSpanCharacters: number
  readonly loadFinders: () => Promise<readonly Finder[]>
}

/**
 * Makes a detector out of finders: a label scores 1 when something of its kind was found, else 0, and each thing
 * found is a span.
 */
export function patternDetector<Label extends string>(parts: PatternDetectorParts<Label>): Detector<Label> {
  const { id, version, labels, options, maxSpanCharacters, loadFinders } = parts
  const descriptor: DetectorDescriptor<Label> = {
    id,
    version,
    labels,
    options,
    coverage: { stages: STAGES, languages: 'any', maxCharacters: MAX_PATTERN_CHARACTERS },
    tier: 'pattern',
    contextCharacters: 0,
    maxSpanCharacters,
  }
  return {
    descriptor,
    load: async () => {
      const finders = await loadFinders()
      return {
        digest: digestOf({ id, version, options, sources: finders.map((finder) => finder.source) }),
        measure: async ({ text }, { signal }) => {
          const spans = await collectFindings(id, finders, text, signal)
          const found = new Set(spans.map((span) => span.label))
          const scores = Object.fromEntries(labels.map((label) => [label, found.has(label) ? 1 : 0]))
          return { kind: 'scored', scores, spans }
        },
      }
    },
  }
}
