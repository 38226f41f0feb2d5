import {
  type Finding,
  httpTarget,
  openBench,
  PARAPET_TARGETS,
  type Row,
  rowsNamed,
  runRows,
  type Target,
} from '@parapet/conformance'
import { isParapetError } from '@parapet/sdk'
import { atMost, type Command, parse, type Streams, usage } from '../command.ts'
import { EXIT } from '../output/exit-codes.ts'
import { print } from '../output/print.ts'

const HELP = `parapet conformance: what gets past a guard, counted with a scripted provider

  --url URL          an OpenAI-compatible chat route, /v1 included, of a gateway that is set up to call the kit's provider and to
                     ask the kit's check (docs/conformance.md says how). Without it: Parapet's own guard and adapters
  --key-env NAME     the variable of the environment that holds the key for the gateway
  --listen HOST:PORT where the provider and the check are (default: 127.0.0.1:8787 with --url, else a free port)
  --row NAME         this row alone; may be given again
  --json             a line of JSON for each finding

Exit status: 0 every row that applies is clean; 1 one is not, or could not be asked, as where a client is not installed; 2 called wrongly.`

const OPTIONS = {
  url: { type: 'string' },
  'key-env': { type: 'string' },
  listen: { type: 'string' },
  row: { type: 'string', multiple: true, default: [] as string[] },
} as const

const GATEWAY_LISTEN = '127.0.0.1:8787'
const OWN_LISTEN = '127.0.0.1:0'

function gateway(url: string, keyName: string | undefined): Target {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    throw usage('conformance', '--url takes an http or https URL.')
  if (keyName === undefined) return httpTarget({ url })
  const key = process.env[keyName]
  if (!key) throw usage('conformance', 'The variable that --key-env names is not set, or empty.')
  return httpTarget({ url, headers: { authorization: `Bearer ${key}` } })
}

function address(listen: string): { host: string; port: number } {
  const [, host = '', digits = ''] = /^(.+):(\d{1,5})$/.exec(listen) ?? []
  const port = Number(digits)
  if (host === '' || port > 65_535) throw usage('conformance', '--listen takes HOST:PORT.')
  return { host: host.replace(/^\[(.*)\]$/, '$1'), port }
}

const isPeerMissing = (error: unknown): error is Error =>
  isParapetError(error) && error.code.endsWith('_PEER_MISSING')

/** A target of Parapet whose client cannot be loaded was not asked: a row each that is n/a, and so never clean. */
const notAsked = ({ name, version }: Target, { name: row, unit }: Row, how: string): Finding => ({
  target: name,
  version,
  row,
  unit,
  value: 'n/a',
  clean: 'n/a',
  how,
})

function describe({ row, value, unit, clean, how }: Finding): string {
  const verdict = clean === 'n/a' ? 'n/a' : clean ? 'clean' : 'FOUND'
  const counted = value === 'n/a' ? '' : `${value} ${unit}`
  const line = `  ${row.padEnd(20)} ${verdict.padEnd(6)} ${counted}`.trimEnd()
  return clean === true ? line : `${line}\n    ${how}`
}

async function run(args: readonly string[], { stdout, stderr }: Streams): Promise<number> {
  const { values, positionals } = parse('conformance', args, OPTIONS)
  atMost('conformance', positionals, 0)
  const { url, row, json } = values
  const targets = url === undefined ? PARAPET_TARGETS : [gateway(url, values['key-env'])]
  const rows = rowsNamed(row)
  const bench = await openBench(address(values.listen ?? (url === undefined ? OWN_LISTEN : GATEWAY_LISTEN)))
  let clean = true
  async function report({ notApplicable }: Target, finding: Finding): Promise<void> {
    clean &&= finding.clean === true || notApplicable?.[finding.row] !== undefined
    await print(stdout, json ? JSON.stringify(finding) : describe(finding))
  }
  try {
    for (const target of targets) {
      if (!json) await print(stdout, `${target.name} ${target.version}`)
      try {
        for await (const finding of runRows(target, bench, rows)) await report(target, finding)
      } catch (error) {
        // A target loads its client before it is asked its first row.
        if (!isPeerMissing(error)) throw error
        for (const row of rows) await report(target, notAsked(target, row, error.message))
        await print(stderr, `${target.name} was not asked: ${error.message}`)
      }
    }
  } finally {
    await bench.close()
  }
  return clean ? EXIT.ok : EXIT.failed
}

export const command: Command = { help: HELP, run }
