import { type Detector, isParapetError, type JsonObject } from '@parapet/sdk'
import { fault } from '../../errors/codes.ts'
import { COVERAGE_CHECKS, type CoverageOptions } from '../service/coverage-options.ts'
import { checkEndpoint } from '../service/endpoint.ts'
import { type GuardedFetch, guardedFetch, readJson } from '../service/guarded-fetch.ts'
import { inLanes } from '../service/in-lanes.ts'
import { checkOptions, oneOf, textOption, wholeNumber } from '../service/option-check.ts'
import { type Ask, remoteDetector, resolveCoverage } from '../service/remote-detector.ts'
import { REMOTE_CHECKS, type RemoteOptions } from '../service/remote-options.ts'
import { hasKey, KEY_CHECKS, type KeyOptions, readKey } from '../service/service-key.ts'
import { byteWindows } from './byte-windows.ts'
import { type LabelMapping, mappedLabels, mapScores } from './label-mapping.ts'
import { loadInference } from './load-inference.ts'

/** Options of `huggingFaceClassifier`. */
export interface HuggingFaceClassifierOptions<Label extends string = string>
  extends RemoteOptions,
    KeyOptions,
    CoverageOptions {
  /**
   * Every label that the model gives, and for each the label it stands for here, or null for one that is not offered:
   * `{ LABEL_0: null, LABEL_1: 'toxic' }`. An answer with other labels is a fault.
   */
  readonly labels: LabelMapping<Label>
  /** The model's id. With `endpointUrl` it is a name for the records alone: the endpoint decides what it serves. */
  readonly model: string
  /** An Inference Endpoint or a local server; its path is taken as it is. @default the serverless API */
  readonly endpointUrl?: string
  /** The serverless provider. `auto` is refused: who answers would change behind the digest. @default 'hf-inference' */
  readonly provider?: string
  /** How the server makes scores of the model's numbers. @default as the model's configuration says */
  readonly activation?: 'sigmoid' | 'softmax'
  /** UTF-8 bytes of a window, 64 to 100,000: no more than the model reads tokens. @default 500 */
  readonly windowBytes?: number
  /** Bytes that two windows share, 0 to half a window. @default 100 */
  readonly overlapBytes?: number
  /** How the windows of a long text are joined, label by label. @default 'maximum' */
  readonly aggregation?: 'maximum' | 'mean'
}

const ID = 'hugging-face'
const VERSION = '0.1.0'
const DEFAULT_PROVIDER = 'hf-inference'
/** Where the library asks which provider has a model, and where it sends the text. */
const SERVERLESS_ORIGINS = ['https://huggingface.co', 'https://router.huggingface.co']
const SERVERLESS = 'https://router.huggingface.co'
const DEFAULT_WINDOW_BYTES = 500
const DEFAULT_OVERLAP_BYTES = 100
const DEFAULT_MAX_CHARACTERS = 4_000
/** Windows of one text that are asked about at once. */
const LANES = 4

const CHECKS = {
  ...REMOTE_CHECKS,
  ...KEY_CHECKS,
  ...COVERAGE_CHECKS,
  labels: { valid: (value: unknown) => value !== null, expected: 'an object' },
  model: {
    valid: (value: unknown) => typeof value === 'string' && /^[\w.-]+(?:\/[\w.-]+)?$/.test(value),
    expected: 'the id of a model, such as "owner/name"',
  },
  endpointUrl: textOption('an address'),
  provider: {
    valid: (value: unknown) =>
      typeof value === 'string' && /^[a-z0-9-]{1,40}$/.test(value) && value !== 'auto',
    expected: `the name of one provider, such as "${DEFAULT_PROVIDER}", and not "auto"`,
  },
  activation: oneOf(['sigmoid', 'softmax']),
  windowBytes: wholeNumber(64, 100_000),
  overlapBytes: wholeNumber(0, 50_000),
  aggregation: oneOf(['maximum', 'mean']),
}

/**
 * Measures a text with a text classifier that Hugging Face serves, or that a server of the same interface does. The text
 * leaves this machine. Scores are the model's own: there is no calibration, so rules use `.above(score)`.
 * `docs/detectors/hugging-face.md` says what it misses.
 * @throws `PARAPET_DETECTOR_OPTION_INVALID`; its loader `PARAPET_DETECTOR_PEER_MISSING`, `PARAPET_REMOTE_KEY_MISSING`;
 *   measuring `PARAPET_REMOTE_…`
 */
export function huggingFaceClassifier<const Label extends string>(
  options: HuggingFaceClassifierOptions<Label>,
): Detector<Label> {
  checkOptions(ID, options, CHECKS, ['labels', 'model'])
  const labels = mappedLabels<Label>(ID, options.labels)
  // A copy: what is changed afterwards must not change what the digest was made of.
  const mapping = { ...options.labels }
  const { model, activation, aggregation = 'maximum' } = options
  const { windowBytes = DEFAULT_WINDOW_BYTES } = options
  const overlapBytes = options.overlapBytes ?? Math.min(DEFAULT_OVERLAP_BYTES, Math.floor(windowBytes / 2))
  const invalid = (option: string, received: string, expected: string) =>
    fault('PARAPET_DETECTOR_OPTION_INVALID', { detector: ID, option, received, expected })
  if (overlapBytes * 2 > windowBytes) {
    throw invalid('overlapBytes', String(overlapBytes), `half of windowBytes (${windowBytes}) at most`)
  }
  const withKey = hasKey(ID, options)
  const endpointUrl =
    options.endpointUrl === undefined
      ? undefined
      : checkEndpoint(ID, 'endpointUrl', options.endpointUrl, withKey)
  if (endpointUrl !== undefined && options.provider !== undefined) {
    throw invalid('provider', 'given beside endpointUrl', 'left out: an endpoint has no provider')
  }
  const place =
    endpointUrl === undefined ? { provider: options.provider ?? DEFAULT_PROVIDER } : { endpointUrl }
  const coverage = resolveCoverage(options, { languages: ['en'], maxCharacters: DEFAULT_MAX_CHARACTERS })
  const facts = {
    model,
    ...place,
    labels: mapping,
    ...(activation === undefined ? {} : { activation }),
    windowBytes,
    overlapBytes,
    aggregation,
    ...coverage,
  } satisfies JsonObject
  const sendsTo = endpointUrl === undefined ? SERVERLESS : new URL(endpointUrl).origin
  const parameters = {
    // One more than there are, so that a label which the option does not name shows.
    top_k: Object.keys(mapping).length + 1,
    ...(activation === undefined ? {} : { function_to_apply: activation }),
  }

  async function prepare(): Promise<Ask> {
    const { textClassification } = await loadInference(ID)
    const reach = listed(guardedFetch(ID, endpointUrl === undefined ? SERVERLESS_ORIGINS : [sendsTo]))

    async function classify(inputs: string, signal: AbortSignal): Promise<Record<string, number>> {
      const accessToken = await readKey(ID, options)
      const request = {
        inputs,
        parameters,
        ...(accessToken === undefined ? {} : { accessToken }),
        ...(endpointUrl === undefined
          ? { model, provider: place.provider as typeof DEFAULT_PROVIDER }
          : { endpointUrl }),
      }
      const own: typeof fetch = (url, init) => reach(url, { ...init, signal })
      const answer = await textClassification(request, { fetch: own, signal, retry_on_error: false }).catch(
        (error: unknown) => {
          throw withoutRequest(error)
        },
      )
      return mapScores(ID, mapping, answer)
    }

    return async ({ text }, calls, signal) => {
      const windows = byteWindows(text.toWellFormed(), windowBytes, overlapBytes)
      const scores = await inLanes(
        windows,
        LANES,
        (window, either) => calls.call((limited) => classify(window, limited), either),
        signal,
      )
      return aggregate(labels, scores, aggregation)
    }
  }

  return remoteDetector({
    id: ID,
    version: VERSION,
    labels,
    sendsTo,
    facts,
    coverage,
    given: options,
    prepare,
  })
}

/** Some servers give one text's list bare, and the library wants it in a list of lists. */
function listed(reach: GuardedFetch): GuardedFetch {
  return async (url, init) => {
    const answer = await readJson(ID, await reach(url, init))
    const bare = Array.isArray(answer) && answer.length > 0 && !Array.isArray(answer[0])
    return Response.json(bare ? [answer] : answer)
  }
}

/** The library's errors carry the request: the text, and the key in its header. Nothing of them is handed on. */
function withoutRequest(error: unknown): unknown {
  if (isParapetError(error)) return error
  const { name } = error as { readonly name?: unknown }
  if (name === 'InputError' || name === 'RoutingError') {
    const problem = 'the provider does not serve it for text classification'
    return fault('PARAPET_REMOTE_MODEL_MISMATCH', { detector: ID, problem, expected: 'the option "model"' })
  }
  return fault('PARAPET_REMOTE_ANSWER_MALFORMED', {
    detector: ID,
    problem: 'it is no list of labels and scores',
  })
}

function aggregate(
  labels: readonly string[],
  windows: readonly Readonly<Record<string, number>>[],
  how: 'maximum' | 'mean',
): Record<string, number> {
  const entries = labels.map((label) => {
    const scores = windows.map((window) => window[label] ?? Number.NaN)
    const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length
    return [label, how === 'maximum' ? Math.max(...scores) : Math.min(1, mean)] as const
  })
  return Object.fromEntries(entries)
}
