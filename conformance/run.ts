/**
 * Puts every row to every target, prints what was found, and writes docs/conformance.md.
 *
 *     npm run conformance                                        everything
 *     npm run conformance -- --target langchain --row text-leak  one target, one row; no page is written
 *     npm run conformance -- --json                              a line of JSON for each target and row
 *
 * A row in which a target is not clean is put three times: see `settle.ts`. Ends with 1 when a target of Parapet is not
 * clean in a row that applies to it. What a peer does fails nothing.
 */
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { ROWS } from '@parapet/conformance'
import { type Driven, driveTarget } from './drive-target.ts'
import { installPeers } from './install-peers.ts'
import { page } from './page.ts'
import type { Settled } from './settle.ts'
import { TARGETS } from './targets.ts'

const PAGE = new URL('../docs/conformance.md', import.meta.url)

function printFinding({ target, row, value, unit, clean, runs }: Settled, json: boolean): void {
  if (json) {
    console.log(JSON.stringify({ target, row, value, unit, clean, runs }))
    return
  }
  const found = runs ?? (value === 'n/a' ? 'n/a' : `${value} ${unit}`)
  const verdict = clean === true ? 'clean' : clean === 'n/a' ? '' : 'FOUND'
  console.log(`${target.padEnd(30)} ${row.padEnd(20)} ${found.padEnd(22)} ${verdict}`)
}

function unknown(kind: string, names: readonly string[], known: readonly string[]): void {
  if (names.every((name) => known.includes(name))) return
  console.error(`conformance: there is no such ${kind}. Expected one of: ${known.join(', ')}.`)
  process.exit(2)
}

function optionsIn(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        json: { type: 'boolean', default: false },
        target: { type: 'string', multiple: true, default: [] },
        row: { type: 'string', multiple: true, default: [] },
      },
    }).values
  } catch (error) {
    console.error(`conformance: ${(error as Error).message}`)
    process.exit(2)
  }
}

async function main(args: string[]): Promise<void> {
  const { json, target: names, row: rows } = optionsIn(args)
  unknown(
    'target',
    names,
    TARGETS.map(({ name }) => name),
  )
  unknown(
    'row',
    rows,
    ROWS.map(({ name }) => name),
  )
  const chosen = TARGETS.filter(({ name }) => names.length === 0 || names.includes(name))
  if (chosen.some(({ peer }) => peer)) installPeers()

  const driven: Driven[] = []
  for (const { name } of chosen) {
    const seen = await driveTarget(name, rows)
    driven.push(seen)
    for (const finding of seen.findings) printFinding(finding, json)
  }

  if (names.length === 0 && rows.length === 0) {
    writeFileSync(PAGE, page(driven, { on: new Date().toISOString().slice(0, 10) }))
    console.error('conformance: wrote docs/conformance.md')
  }
  const ours = chosen.filter(({ peer }) => !peer)
  const unclean = ours.flatMap(({ name, exempt }) =>
    driven
      .flatMap(({ findings }) => findings)
      .filter(({ target, row, clean }) => target === name && clean !== true && !exempt.includes(row)),
  )
  for (const { target, row, how } of unclean)
    console.error(`conformance: ${target} is not clean in ${row}: ${how}`)
  if (unclean.length > 0) process.exitCode = 1
}

await main(process.argv.slice(2))
