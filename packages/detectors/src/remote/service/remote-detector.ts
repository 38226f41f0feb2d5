import {
  type Detector,
  type DetectorDescriptor,
  digestOf,
  type JsonObject,
  STAGES,
  type Subject,
} from '@parapet/sdk'
import { contentKey, createAnswerMemory } from './answer-memory.ts'
import { createCalls, type RemoteCalls } from './calls.ts'
import type { CoverageOptions } from './coverage-options.ts'
import { givenRemoteOptions, type RemoteOptions, resolveRemoteOptions } from './remote-options.ts'
import { type KeyOptions, readKey } from './service-key.ts'

/** Puts one subject to the service: the scores, or what went wrong, thrown. */
export type Ask = (
  subject: Subject,
  calls: RemoteCalls,
  signal: AbortSignal,
) => Promise<Record<string, number>>

/** What tells one detector that asks a service from another. */
export interface RemoteDetectorSpec<Label extends string> {
  readonly id: string
  /** Of the code: raised when the same answers would give other scores. */
  readonly version: string
  readonly labels: readonly Label[]
  /** Who gets the content. */
  readonly sendsTo: string
  /** Every option that the scores depend on, written out: what the digest is made of. */
  readonly facts: JsonObject
  readonly coverage: Required<CoverageOptions>
  readonly contextCharacters?: number
  /** The options as they were given, checked. */
  readonly given: RemoteOptions & KeyOptions
  /** Where this kind of service wants other defaults. */
  readonly defaults?: RemoteOptions
  /** Loads what asking needs, once. Nothing is sent yet. */
  prepare(): Promise<Ask>
}

/** A detector over a service of others: limits, retries, circuit and memory are the same for all of them. */
export function remoteDetector<Label extends string>(spec: RemoteDetectorSpec<Label>): Detector<Label> {
  const { id, version, labels, sendsTo, facts, coverage, contextCharacters = 0, given } = spec
  const { maxCharacters } = coverage
  const descriptor: DetectorDescriptor<Label> = {
    id,
    version,
    labels,
    options: {
      ...facts,
      ...givenRemoteOptions(given),
      ...(given.keyEnv === undefined ? {} : { keyEnv: given.keyEnv }),
    },
    coverage,
    tier: 'remote',
    sendsTo,
    contextCharacters,
  }

  async function load() {
    const ask = await spec.prepare()
    // A key that is not there is known now, and not at the first request.
    await readKey(id, given)
    const limits = resolveRemoteOptions(given, spec.defaults)
    const calls = createCalls(id, limits)
    const memory = createAnswerMemory<Record<string, number>>(id, limits.cachedTexts)
    return {
      digest: digestOf({ id, version, labels, facts }),
      async measure(subject: Subject, { signal }: { readonly signal: AbortSignal }) {
        if (subject.text.length > maxCharacters) return { kind: 'abstained', reason: 'length' } as const
        const key = contentKey(subject)
        const scores = await memory.recall(key, (shared) => ask(subject, calls, shared), signal)
        return { kind: 'scored', scores } as const
      },
    }
  }

  return { descriptor, load }
}

/** The coverage as it is written out; a service of others was calibrated for nothing that we know of. */
export function resolveCoverage(
  options: CoverageOptions,
  defaults: Pick<Required<CoverageOptions>, 'languages' | 'maxCharacters'>,
): Required<CoverageOptions> {
  return {
    stages: options.stages ?? STAGES,
    languages: options.languages ?? defaults.languages,
    maxCharacters: options.maxCharacters ?? defaults.maxCharacters,
  }
}
