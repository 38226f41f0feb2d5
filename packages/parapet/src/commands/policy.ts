import { type Policy, PolicyError, policyJsonSchema } from '@parapet/sdk'
import { atMost, type Command, parse, type Streams, usage } from '../command.ts'
import { EXIT } from '../output/exit-codes.ts'
import { print } from '../output/print.ts'
import { fields } from '../output/table.ts'
import { standardPreset } from '../presets/standard.ts'
import { readPolicy } from '../read-policy.ts'

const HELP = `parapet policy check FILE | print [FILE] | schema

  check FILE         reads a policy (JSON or module) and reports every mistake with its place; of a policy that is right,
                     its hash, its detectors, and to whom they send content
  print [FILE]       prints a policy as JSON, to edit or to replay with (default: the preset "standard")
  schema             prints the JSON Schema of a policy

What a calibration cannot offer shows only with the weights at hand: parapet check, or parapet doctor for the preset.
Exit status: 0 the policy is right; 1 it is not; 2 called wrongly.`

function describe({ document, policyHash, detectors: made }: Policy, json: boolean): string {
  const { id, version, mode } = document
  const stages = Object.keys(document.stages)
  const detectors = Object.keys(document.detectors)
  const sendsTo = [...new Set([...made.values()].flatMap(({ descriptor }) => descriptor.sendsTo ?? []))]
  if (json) return JSON.stringify({ id, version, mode, policyHash, stages, detectors, sendsTo })
  return fields([
    ['policy', `${id} ${version}`],
    ['mode', mode],
    ['hash', policyHash],
    ['stages', stages.join(', ') || 'none'],
    ['detectors', detectors.join(', ') || 'none'],
    ['sends to', sendsTo.join(', ') || 'nobody'],
  ])
}

async function check(path: string, json: boolean, stdout: NodeJS.WritableStream): Promise<number> {
  try {
    await print(stdout, describe(await readPolicy(path), json))
    return EXIT.ok
  } catch (error) {
    if (!json || !(error instanceof PolicyError)) throw error
    await print(stdout, JSON.stringify({ code: error.code, issues: error.issues }))
    return EXIT.failed
  }
}

async function run(args: readonly string[], { stdout }: Streams): Promise<number> {
  const { values, positionals } = parse('policy', args, {})
  const [verb, path] = positionals
  atMost('policy', positionals, verb === 'schema' ? 1 : 2)
  if (verb === 'schema') await print(stdout, JSON.stringify(policyJsonSchema(), null, 2))
  else if (verb === 'print') {
    const { document } = path === undefined ? standardPreset() : await readPolicy(path)
    await print(stdout, JSON.stringify(document, null, 2))
  } else if (verb === 'check' && path !== undefined) return check(path, values.json, stdout)
  else
    throw usage('policy', verb === 'check' ? 'A file is needed.' : 'The verbs are check, print and schema.')
  return EXIT.ok
}

export const command: Command = { help: HELP, run }
