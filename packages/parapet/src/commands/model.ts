import { type Command, parse, type Streams, usage } from '../command.ts'
import { list } from './model/list.ts'
import type { ModelCall } from './model/model-call.ts'
import { pull } from './model/pull.ts'
import { remove } from './model/remove.ts'
import { verify } from './model/verify.ts'

const HELP = `parapet model pull REFERENCE | list | verify [REFERENCE] | remove REFERENCE

  pull REFERENCE     fetches a chat model from a hub into the cache, and says what it is
  list               the models of the cache: where they are from, how large, which commit
  verify [REFERENCE] reads every file again and compares it with the record of when it was fetched
  remove REFERENCE   removes a model from the cache; with --unfinished, what broken-off downloads left

A reference is hf:owner/name@revision#dtype; without @revision pull takes main, without #dtype fp32. verify and remove
then take every revision and dtype that is there. The same reference goes wherever a command takes --model.

  --file PATH        pull: the ONNX file in the repository, where it has another name than the dtype finds
  --files PATHS      pull: further files, parted by commas
  --cache FOLDER     where models are kept (default: PARAPET_CACHE, else ~/.cache/parapet)
  --endpoint URL     address of the hub (default: HF_ENDPOINT, else https://huggingface.co)
  --offline          the cache alone (default: what HF_HUB_OFFLINE says)
  --max-bytes N      bytes that a model may have (default: 8589934592)
  --unfinished       remove: parts of files, of the model or, without a reference, of all

A token for models that are private or gated is read from HF_TOKEN.

Exit status: 0 done, and every file is right; 1 it failed, a file is not right, or nothing matches; 2 called wrongly.`

const VERBS: Readonly<Record<string, (call: ModelCall) => Promise<number>>> = { pull, list, verify, remove }

async function run(args: readonly string[], streams: Streams): Promise<number> {
  const { values, positionals } = parse('model', args, {
    file: { type: 'string' },
    files: { type: 'string' },
    cache: { type: 'string' },
    endpoint: { type: 'string' },
    offline: { type: 'boolean' },
    'max-bytes': { type: 'string' },
    unfinished: { type: 'boolean', default: false },
  })
  const [name = '', reference, ...more] = positionals
  const verb = Object.hasOwn(VERBS, name) ? VERBS[name] : undefined
  if (!verb) throw usage('model', `The verbs are ${Object.keys(VERBS).join(', ')}.`)
  if (more.length > 0 || (name === 'list' && reference !== undefined))
    throw usage('model', 'There are more arguments than belong here.')
  return verb({ reference, values, streams })
}

export const command: Command = { help: HELP, run }
