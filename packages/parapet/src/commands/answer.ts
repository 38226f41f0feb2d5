import {
  type ChatMessage,
  createModelHost,
  type DecoderModel,
  isRuntimeError,
  openModelFolder,
  resolveModelPackage,
} from '@parapet/runtime'
import { type Command, parse, type Streams, wholeNumber } from '../command.ts'
import { answerLines } from '../lines/answer-lines.ts'
import { openInput } from '../lines/input.ts'
import type { RequestLine } from '../lines/request-line.ts'

const HELP = `parapet answer: the local chat model's answers to JSON lines

  --input FILE       read from a file (default: standard input)
  --model NAME       a weights package, or a folder (default: @parapet/model-sentinel)
  --max-tokens N     tokens of an answer at most, 1 to 8192 (default: 256)
  --concurrency N    answers written side by side, 1 to 8 (default: 2)

Each line is an object with "text", or with "messages" ({"role", "content"}). One line comes out for each that goes in,
in order: the line's own fields and "response", the greedy answer; or {"failed": "<code>"}.

Exit status: 0 every line has an answer; 1 some do not, or the model cannot be loaded; 2 called wrongly.`

/** Answers are not guarded here: this is the bare model, for measuring it. */
async function answerLine(
  line: RequestLine,
  decoder: DecoderModel,
  maxNewTokens: number,
): Promise<Record<string, unknown>> {
  const { response: _old, failed: _failed, ...fields } = line.fields
  const messages = line.turns as readonly ChatMessage[]
  try {
    const { text, reason } = await decoder.generate({ messages, maxNewTokens }).finished
    return { ...fields, response: text, finishReason: reason }
  } catch (error) {
    return { ...fields, failed: isRuntimeError(error) ? error.code : 'PARAPET_CLI_UNEXPECTED' }
  }
}

async function run(args: readonly string[], streams: Streams): Promise<number> {
  const { values } = parse('answer', args, {
    input: { type: 'string' },
    model: { type: 'string', default: '@parapet/model-sentinel' },
    'max-tokens': { type: 'string', default: '256' },
    concurrency: { type: 'string', default: '2' },
  })
  const maxNewTokens = wholeNumber('answer', 'max-tokens', values['max-tokens'], 8_192)
  const concurrency = wholeNumber('answer', 'concurrency', values.concurrency, 8)
  const input = await openInput(values.input, streams.stdin)
  const directory = values.model.startsWith('@') ? resolveModelPackage(values.model) : values.model
  const host = createModelHost({ maxGenerations: concurrency })
  try {
    const decoder = host.decoder(await openModelFolder(directory, 'decoder'))
    await decoder.warm({ generate: true })
    return await answerLines(input, concurrency, streams, (line) => answerLine(line, decoder, maxNewTokens))
  } finally {
    await host.close()
  }
}

export const command: Command = { help: HELP, run }
