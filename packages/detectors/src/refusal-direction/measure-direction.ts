import type { ChatMessage, DecoderModel, RequestOptions, TooLong } from '@parapet/runtime'
import type { DirectionFile } from './direction-file.ts'
import { type Activations, sitesOf } from './read-direction.ts'

/** What a direction is read of: a conversation that ends with a user's turn, or the answer to it. */
export interface DirectionInput {
  readonly messages: readonly ChatMessage[]
  readonly answer?: string
}

/** What activations are read through: a model in a host, or one on a server. */
export type ActivationsReader = Pick<DecoderModel, 'read' | 'readTokens'>

/** Reads what a direction file asks for, in one truncated pass. */
export async function readActivations(
  model: ActivationsReader,
  file: DirectionFile,
  { messages, answer }: DirectionInput,
  options: RequestOptions & { readonly maxTokens: number },
): Promise<Activations | TooLong> {
  const sites = sitesOf(file)
  const reader = answer === undefined ? file.tokens : file.answer
  if (!reader) {
    const read = await model.read({ messages, sites, ...options })
    return read.kind === 'read' ? { rows: read.rows, tokens: read.tokens } : read
  }
  const readings = [reader.reading]
  const given = answer === undefined ? {} : { answer }
  const read = await model.readTokens({ messages, sites, readings, ...given, ...options })
  if (read.kind === 'too-long') return read
  const [values] = read.readings
  const { rows, tokens } = read
  return answer === undefined ? { rows, tokens, ofMessage: values } : { rows, tokens, ofAnswer: values }
}
