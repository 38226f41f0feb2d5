import { atMost, type Command, parse, type Streams, usage } from '../command.ts'
import { inspect } from './direction/inspect.ts'
import { verify } from './direction/verify.ts'

const HELP = `parapet direction <verb> FILE: a direction file, as parapet fit writes it

  inspect FILE       where the direction was read, which model it is for, how it was found, what was measured
  verify FILE        whether it belongs to a model (--model), and whether that model can be changed along it: with the direction
                     erased nothing of it is left in the residual stream, and without a change the model is as it was
    --model DIR      the chat model: a folder with its manifest.json, or a weights package

  --json             JSON instead of tables (inspect: the file's metadata as it is)

Exit status: 0 done, and it fits; 1 it does not, or cannot be read; 2 called wrongly.`

const VERBS = ['inspect', 'verify'] as const

async function run(args: readonly string[], streams: Streams): Promise<number> {
  const { values, positionals } = parse('direction', args, { model: { type: 'string' } })
  const [verb, file, ...rest] = positionals
  if (!VERBS.some((name) => name === verb)) throw usage('direction', `The verbs are ${VERBS.join(', ')}.`)
  if (file === undefined) throw usage('direction', `${verb} needs a file.`)
  atMost('direction', rest, 0)
  if (verb === 'inspect') return inspect(file, values.json, streams)
  if (values.model === undefined) throw usage('direction', 'verify needs --model DIR.')
  return verify(file, values.model, values.json, streams)
}

export const command: Command = { help: HELP, run }
