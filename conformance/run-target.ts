/**
 * Drives one target in a process of its own, and writes a line of JSON for each finding: started by `run.ts`.
 *
 *     node conformance/run-target.ts <target> <row>…
 */
import { openBench, rowsNamed, runRows } from '@parapet/conformance'
import { TARGETS } from './targets.ts'

const [name, ...rows] = process.argv.slice(2)
const listed = TARGETS.find((target) => target.name === name)
if (!listed) throw new Error(`there is no target ${name}`)

// Peers print as they work: only findings go to standard output.
const write = process.stdout.write.bind(process.stdout)
process.stdout.write = process.stderr.write.bind(process.stderr) as typeof process.stdout.write

const bench = await openBench()
try {
  const target = await listed.load()
  write(`${JSON.stringify({ begins: target.name, version: target.version, how: target.how })}\n`)
  for await (const finding of runRows(target, bench, rowsNamed(rows))) write(`${JSON.stringify(finding)}\n`)
} catch (error) {
  const { message, cause } = error as Error
  const because = cause instanceof Error ? ` (${cause.message.split('\n')[0]})` : ''
  write(`${JSON.stringify({ failed: `${message}${because}` })}\n`)
}
await bench.close()
process.exit()
