import { policyJsonSchema } from '@parapet/sdk'
import { type Command, parse, print, type Streams, usage } from '../command.ts'
import { EXIT } from '../output/exit-codes.ts'
import { fields } from '../output/table.ts'
import { readPolicy } from '../read-policy.ts'

const HELP = `parapet policy check FILE | schema

  check FILE         reads a policy (JSON or module) and reports every mistake with its place
  schema             prints the JSON Schema of a policy

Exit status: 0 the policy is right; 1 it is not; 2 called wrongly.`

async function check(path: string | undefined, json: boolean, { stdout }: Streams): Promise<number> {
  if (path === undefined) throw usage('policy', 'A file is needed.')
  const { document, policyHash } = await readPolicy(path)
  const stages = Object.keys(document.stages)
  const detectors = Object.keys(document.detectors)
  const { id, version, mode } = document
  await print(
    stdout,
    json
      ? JSON.stringify({ id, version, mode, policyHash, stages, detectors })
      : fields([
          ['policy', `${id} ${version}`],
          ['mode', mode],
          ['hash', policyHash],
          ['stages', stages.join(', ') || 'none'],
          ['detectors', detectors.join(', ') || 'none'],
        ]),
  )
  return EXIT.ok
}

async function run(args: readonly string[], streams: Streams): Promise<number> {
  const { values, positionals } = parse('policy', args, {})
  const [verb, path] = positionals
  if (verb === 'check') return check(path, values.json, streams)
  if (verb !== 'schema') throw usage('policy', 'The verbs are check and schema.')
  await print(streams.stdout, JSON.stringify(policyJsonSchema(), null, 2))
  return EXIT.ok
}

export const command: Command = { help: HELP, run }
