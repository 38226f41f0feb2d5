import { parseArgs } from 'node:util'
import { endedConnections, stalledNetwork } from './faulty-network.ts'
import { killedProcesses } from './killed-processes.ts'
import { killedTellers } from './killed-tellers.ts'
import { dropLeftovers, hasPostgres, postgresPlace, sqlitePlace } from './places.ts'
import { seededRandom } from './random.ts'
import { holds, type Scenario } from './scenario.ts'

const ON_SQLITE: readonly Scenario[] = [
  killedProcesses('sqlite/writers-killed', 'write', sqlitePlace),
  killedProcesses('sqlite/reviewers-killed', 'both', sqlitePlace),
  killedProcesses('sqlite/due-while-killed', 'due', sqlitePlace),
]
const ON_POSTGRES: readonly Scenario[] = [
  killedProcesses('postgres/writers-killed', 'write', postgresPlace),
  killedProcesses('postgres/reviewers-killed', 'both', postgresPlace),
  killedProcesses('postgres/due-while-killed', 'due', postgresPlace),
  endedConnections,
  stalledNetwork,
  killedTellers,
]
const DEFAULT_RUNS = 100
const HELP = `npm run chaos -- [name …] [--runs=<n>] [--seed=<n>] [--json]

Does harm to processes that work on a review queue, and counts what became of what they were told.

  name          the scenarios whose name begins so; all without one
  --runs=<n>    how often harm is done in each scenario, ${DEFAULT_RUNS} by default; 3 is a short look
  --seed=<n>    repeats the choices of an earlier run
  --json        a JSON line for each scenario instead of a table
  --help        this

Scenarios: ${[...ON_SQLITE, ...ON_POSTGRES].map(({ name }) => name).join(', ')}.
Those on postgres/* need a server: PARAPET_TEST_POSTGRES names one, 127.0.0.1:5432 without it.

Ends with 1 when something was lost, decided twice, claimed twice or stuck, when a scenario did no harm, and when none ran;
with 2 for arguments that it does not know.`

class ArgumentFault extends Error {}

function numberOf(name: string, given: string | undefined): number | undefined {
  if (given === undefined) return undefined
  if (!/^\d{1,9}$/.test(given)) throw new ArgumentFault(`--${name} takes a whole number`)
  return Number(given)
}

function readArguments(args: readonly string[]) {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      help: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      runs: { type: 'string' },
      seed: { type: 'string' },
    },
  })
  for (const name of positionals) {
    if (![...ON_SQLITE, ...ON_POSTGRES].some((scenario) => scenario.name.startsWith(name)))
      throw new ArgumentFault(`no scenario's name begins with ${name}`)
  }
  return {
    ...values,
    names: positionals,
    runs: numberOf('runs', values.runs) ?? DEFAULT_RUNS,
    seed: numberOf('seed', values.seed) ?? Math.floor(Math.random() * 1e9),
  }
}

async function main({ json, names, runs, seed }: ReturnType<typeof readArguments>): Promise<void> {
  const postgres = await hasPostgres()
  if (postgres) await dropLeftovers()
  else console.error('skipped: postgres/* (no server answers; PARAPET_TEST_POSTGRES names one)')
  console.error(`seed ${seed} (--seed=${seed} repeats it)`)
  const scenarios = [...ON_SQLITE, ...(postgres ? ON_POSTGRES : [])].filter(
    ({ name }) => names.length === 0 || names.some((begin) => name.startsWith(begin)),
  )
  if (scenarios.length === 0) process.exitCode = 1
  for (const scenario of scenarios) {
    const result = await scenario.run({ runs, random: seededRandom(seed) })
    if (!holds(result)) process.exitCode = 1
    if (json) console.log(JSON.stringify(result))
    else {
      const { scenario: name, acknowledged, lost, decidedTwice, stuck, claimedTwice, harm, resent } = result
      const again = resent === undefined ? '' : `, ${resent} dead letters sent again`
      console.log(
        `${name.padEnd(28)} ${runs} runs, ${acknowledged} acknowledged, ${lost} lost, ${decidedTwice} decided twice, ${stuck} stuck, ${claimedTwice} claimed twice, ${harm} harmed${again}`,
      )
    }
  }
}

try {
  const given = readArguments(process.argv.slice(2))
  if (given.help) console.log(HELP)
  else await main(given)
} catch (error) {
  const isArgumentFault =
    error instanceof ArgumentFault || String((error as { code?: unknown }).code).startsWith('ERR_PARSE_ARGS')
  if (!isArgumentFault) throw error
  console.error(`${(error as Error).message}\n\n${HELP}`)
  process.exitCode = 2
}
