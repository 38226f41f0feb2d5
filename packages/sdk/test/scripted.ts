import type { Detector, DetectorDescriptor, LoadedDetector, Subject } from '../src/index.ts'

/** What a scripted detector does with a text: a score for its one label `bad`, or anything else it is told. */
export type Script = (subject: Subject, signal: AbortSignal) => unknown

/** A detector with one label, for tests of the pipeline: it may lie, throw or hang. */
export function scripted(
  script: Script,
  descriptor: Partial<DetectorDescriptor<'bad'>> = {},
  loaded: Partial<LoadedDetector> = {},
): Detector<'bad'> & { readonly asked: string[] } {
  const asked: string[] = []
  return {
    asked,
    descriptor: {
      id: 'scripted',
      version: '1',
      labels: ['bad'],
      options: {},
      coverage: {
        stages: ['input', 'output', 'reasoning', 'toolCall', 'toolResult'],
        languages: 'any',
        maxCharacters: 1_000,
      },
      tier: 'model',
      contextCharacters: 0,
      ...descriptor,
    },
    load: async () => ({
      digest: 'sha256:scripted',
      measure: async (subject, { signal }) => {
        asked.push(subject.text)
        return (await script(subject, signal)) as never
      },
      ...loaded,
    }),
  }
}

/** A script: `bad` is 1 where the text holds the word, else 0. */
export const contains =
  (word: string): Script =>
  ({ text }) => ({ kind: 'scored', scores: { bad: text.includes(word) ? 1 : 0 } })
