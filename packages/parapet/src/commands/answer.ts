import { createModelHost, type DecoderModel, isRuntimeError, resolveModel } from '@parapet/runtime'
import { atMost, type Command, parse, type Streams, wholeNumber } from '../command.ts'
import { answerLines, type LineResult } from '../lines/answer-lines.ts'
import { openInput } from '../lines/input.ts'
import type { RequestLine } from '../lines/request-line.ts'

const HELP = `parapet answer: the local chat model's answers to JSON lines

  --input FILE       read from a file (default: standard input)
  --model NAME       a weights package, a folder, or hf:owner/name@revision#dtype from the Hugging Face hub
                     (default: @parapet/model-sentinel)
  --max-tokens N     tokens of an answer at most, 1 to 8192 (default: 256)
  --concurrency N    answers written side by side, 1 to 8 (default: 2)

Each line is an object with "text", or with "messages" ({"role", "content"}). One line comes out for each that goes
in, in order: the line's own fields, "response" (the greedy answer) and "finishReason" ("end", or "max-tokens" where
it was cut off); or {"failed": "<code>"}. Nothing is judged here: this is the bare model.

Exit status: 0 every line has an answer; 1 some do not, or the model cannot be loaded; 2 called wrongly.`

/** Fields of an answer: what an input line has of them is left out. */
const OWN_FIELDS = ['response', 'finishReason', 'failed']

async function answerLine(
  { fields, turns }: RequestLine,
  decoder: DecoderModel,
  maxNewTokens: number,
): Promise<LineResult> {
  try {
    const { text, reason } = await decoder.generate({ messages: turns, maxNewTokens }).finished
    return { ...fields, response: text, finishReason: reason }
  } catch (error) {
    return { ...fields, failed: isRuntimeError(error) ? error.code : 'PARAPET_CLI_UNEXPECTED' }
  }
}

async function run(args: readonly string[], streams: Streams): Promise<number> {
  const { values, positionals } = parse('answer', args, {
    input: { type: 'string' },
    model: { type: 'string', default: '@parapet/model-sentinel' },
    'max-tokens': { type: 'string', default: '256' },
    concurrency: { type: 'string', default: '2' },
  })
  atMost('answer', positionals, 0)
  const maxNewTokens = wholeNumber('answer', 'max-tokens', values['max-tokens'], 8_192)
  const concurrency = wholeNumber('answer', 'concurrency', values.concurrency, 8)
  const input = await openInput(values.input, streams.stdin)
  const folder = await resolveModel(values.model, undefined, 'decoder')
  const host = createModelHost({ maxGenerations: concurrency })
  try {
    const decoder = host.decoder(folder)
    await decoder.warm({ generate: true })
    return await answerLines(input, streams, {
      concurrency,
      own: OWN_FIELDS,
      answer: (line) => answerLine(line, decoder, maxNewTokens),
    })
  } finally {
    await host.close()
  }
}

export const command: Command = { help: HELP, run }
