import { endedConnections, stalledNetwork } from './faulty-network.ts'
import { killedProcesses } from './killed-processes.ts'
import { hasPostgres, postgresPlace, sqlitePlace } from './places.ts'
import { seededRandom } from './random.ts'
import { holds, type Scenario } from './scenario.ts'

const ON_SQLITE: readonly Scenario[] = [
  killedProcesses('sqlite/writers-killed', 'write', sqlitePlace),
  killedProcesses('sqlite/reviewers-killed', 'both', sqlitePlace),
]
const ON_POSTGRES: readonly Scenario[] = [
  killedProcesses('postgres/writers-killed', 'write', postgresPlace),
  killedProcesses('postgres/reviewers-killed', 'both', postgresPlace),
  endedConnections,
  stalledNetwork,
]
const DEFAULT_RUNS = 100

function numberOf(args: readonly string[], name: string): number | undefined {
  const given = args.find((arg) => arg.startsWith(`--${name}=`))?.split('=')[1]
  return given === undefined ? undefined : Number(given)
}

/**
 * Runs every scenario, a table or with `--json` a JSON line each. `-- <name>` runs those whose name begins so, `--runs=<n>`
 * says how often, `--seed=<n>` repeats the choices of an earlier run. Ends with 1 when something did not hold.
 */
async function main(args: readonly string[]): Promise<void> {
  const json = args.includes('--json')
  const runs = numberOf(args, 'runs') ?? DEFAULT_RUNS
  const seed = numberOf(args, 'seed') ?? Math.floor(Math.random() * 2 ** 31)
  const wanted = args.filter((arg) => !arg.startsWith('--'))
  const postgres = await hasPostgres()
  if (!postgres) console.error('skipped: postgres/* (no server answers; PARAPET_TEST_POSTGRES names one)')
  console.error(`seed ${seed} (--seed=${seed} repeats it)`)
  for (const scenario of [...ON_SQLITE, ...(postgres ? ON_POSTGRES : [])]) {
    if (wanted.length > 0 && !wanted.some((name) => scenario.name.startsWith(name))) continue
    const result = await scenario.run({ runs, random: seededRandom(seed) })
    if (!holds(result)) process.exitCode = 1
    if (json) console.log(JSON.stringify(result))
    else {
      const { scenario: name, acknowledged, lost, decidedTwice, stuck, claimedTwice, harm } = result
      console.log(
        `${name.padEnd(28)} ${runs} runs, ${acknowledged} acknowledged, ${lost} lost, ${decidedTwice} decided twice, ${stuck} stuck, ${claimedTwice} claimed twice, ${harm} harmed`,
      )
    }
  }
}

await main(process.argv.slice(2))
