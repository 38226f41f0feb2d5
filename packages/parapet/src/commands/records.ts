import { atMost, type Command, parse, type Streams, usage } from '../command.ts'
import { recordFiles } from '../record-files.ts'
import { explain } from './records/explain.ts'
import { forgetKey, rotateKey } from './records/keys.ts'
import { replay } from './records/replay.ts'
import { verify } from './records/verify.ts'

const HELP = `parapet records <verb>: the decision records

  verify FILE…               checks every hash chain, and names each broken place
    --heads FILE             heads kept from before (what verify --json printed): shows a log that was cut at its end
    --key-file FILE          checks the seals too (default: the keys in PARAPET_RECORD_KEY, else no seals)
  replay --policy FILE FILE… re-decides what was recorded under another policy, and says what would change
  explain ID FILE…           everything that one decision was made from
  rotate-key FILE            makes a new current key in a key file (and the file, where there is none)
  forget-key FILE KEY-ID     removes an earlier key for good: nobody can tie its digests to a text again

  FILE…                      files of JSON lines, or folders of them
  --json                     JSON instead of tables

Exit status: 0 done; 1 failed (verify: something is broken; replay: a decision does not follow from its own record);
2 called wrongly.`

const VERBS = ['verify', 'replay', 'explain', 'rotate-key', 'forget-key'] as const

async function run(args: readonly string[], streams: Streams): Promise<number> {
  const { values, positionals } = parse('records', args, {
    policy: { type: 'string' },
    heads: { type: 'string' },
    'key-file': { type: 'string' },
  })
  const { json } = values
  const [verb, ...rest] = positionals
  const [first, ...others] = rest
  if (!VERBS.some((name) => name === verb)) throw usage('records', `The verbs are ${VERBS.join(', ')}.`)
  if (first === undefined) throw usage('records', `${verb} needs a file.`)
  if (verb === 'rotate-key') {
    atMost('records', rest, 1)
    return rotateKey(first, json, streams)
  }
  if (verb === 'forget-key') {
    atMost('records', rest, 2)
    if (others[0] === undefined) throw usage('records', 'forget-key needs the id of a key.')
    return forgetKey(first, others[0], json, streams)
  }
  const files = await recordFiles(verb === 'explain' ? others : rest)
  if (files.length === 0) throw usage('records', 'At least one file of records is needed.')
  if (verb === 'explain') return explain(first, files, json, streams)
  if (verb === 'verify') return verify(files, values, streams)
  if (values.policy === undefined) throw usage('records', 'replay needs --policy FILE.')
  return replay(files, values.policy, json, streams)
}

export const command: Command = { help: HELP, run }
