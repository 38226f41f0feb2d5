import { isParapetError } from '@parapet/sdk'
import type { LanguageModel, ModelMessage, OutputInterface } from 'ai'
import { fault } from '../../errors/codes.ts'
import type { Ai } from './load-ai.ts'

/** How a whole answer ends; some servers give no reason. Whatever else it is, it has to keep to the form. */
const WHOLE = ['stop', 'other']

/** One question to the model that judges. */
export interface ModelQuestion<Answer> {
  readonly model: LanguageModel
  readonly instructions?: string
  readonly messages: readonly ModelMessage[]
  readonly output: OutputInterface<Answer>
  readonly temperature: number
  readonly seed: number
  readonly maxOutputTokens: number
  readonly signal: AbortSignal
}

/**
 * Asks once, without the SDK's own retries, and without a trace of the content in telemetry.
 * @throws `PARAPET_REMOTE_VERDICT_MALFORMED`, `PARAPET_REMOTE_…`; nothing of what the provider threw is handed on, since
 *   its errors carry the request
 */
export async function askModel<Answer>(
  detector: string,
  { generateText, APICallError }: Ai,
  question: ModelQuestion<Answer>,
): Promise<Answer> {
  const { instructions, messages, signal, ...settings } = question
  const malformed = (problem: string) => fault('PARAPET_REMOTE_VERDICT_MALFORMED', { detector, problem })
  const result = await generateText({
    ...settings,
    ...(instructions === undefined ? {} : { instructions }),
    messages: [...messages],
    maxRetries: 0,
    abortSignal: signal,
    telemetry: { isEnabled: false, recordInputs: false, recordOutputs: false },
  }).catch((error: unknown) => {
    if (isParapetError(error)) throw error
    if (APICallError.isInstance(error)) throw apiFault(detector, error)
    if (isOutputFault(error)) throw malformed('it does not keep to the schema')
    throw fault('PARAPET_REMOTE_UNREACHABLE', { detector, problem: 'the model threw' })
  })
  if (!WHOLE.includes(result.finishReason)) throw malformed(`it ended by "${result.finishReason}"`)
  try {
    return result.output
  } catch {
    throw malformed('it does not keep to the schema')
  }
}

/** NoObjectGeneratedError, NoOutputGeneratedError and the parsers' own: what came was no verdict. */
function isOutputFault(error: unknown): boolean {
  const { name } = (error ?? {}) as { readonly name?: unknown }
  return typeof name === 'string' && /(?:Generated|JSONParse|TypeValidation|InvalidResponse)/.test(name)
}

type ApiCallError = InstanceType<Ai['APICallError']>

function apiFault(detector: string, { statusCode: status, responseHeaders }: ApiCallError): Error {
  if (status === undefined) {
    return fault('PARAPET_REMOTE_UNREACHABLE', { detector, problem: 'the connection failed' })
  }
  if (status === 429) {
    const seconds = Number(responseHeaders?.['retry-after'] ?? 0)
    const retryAfterMs = seconds > 0 ? seconds * 1_000 : 0
    return Object.assign(fault('PARAPET_REMOTE_RATE_LIMITED', { detector, retryAfterMs }), { retryAfterMs })
  }
  if (status === 408 || status >= 500) return fault('PARAPET_REMOTE_UNAVAILABLE', { detector, status })
  if ([401, 402, 403, 404].includes(status)) return fault('PARAPET_REMOTE_UNAUTHORIZED', { detector, status })
  return fault('PARAPET_REMOTE_REFUSED', { detector, status })
}
