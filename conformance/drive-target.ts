import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { type Finding, rowsNamed } from '@parapet/conformance'
import { RUNS, type Settled, settle } from './settle.ts'

/** A target as it says it was set up, and what the rows found. */
export interface Driven {
  readonly name: string
  readonly version: string
  readonly how: string
  readonly findings: readonly Settled[]
}

/** All rows of a target take about half a minute on a machine that is not busy; what hangs is ended. */
const MOST_MS = 900_000
const CHILD = fileURLToPath(new URL('./run-target.ts', import.meta.url))

type Line =
  | Finding
  | { readonly begins: string; readonly version: string; readonly how: string }
  | { readonly failed: string }

interface Seen {
  readonly lines: readonly Line[]
  /** How the process ended, where it did not say that it was done. */
  readonly end: string
}

async function runChild(target: string, rows: readonly string[]): Promise<Seen> {
  // Its own process: what a peer loads, prints, leaves running or crashes on is no other target's.
  const child = spawn(process.execPath, [...process.execArgv, CHILD, target, ...rows], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const limit = setTimeout(() => child.kill('SIGKILL'), MOST_MS)
  const ended = new Promise<string>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => resolve(String(signal ?? code)))
  })
  const lines: Line[] = []
  for await (const text of createInterface({ input: child.stdout })) lines.push(JSON.parse(text) as Line)
  const end = await ended
  clearTimeout(limit)
  return { lines, end }
}

/** Puts rows to one target in a process of its own; a row in which that ends is n/a, and the next goes on in a new one. */
async function runOnce(name: string, rowNames: readonly string[]): Promise<Driven> {
  const rows = rowsNamed(rowNames)
  const findings: Finding[] = []
  let head = { version: 'unknown', how: '' }
  while (findings.length < rows.length) {
    const left = rows.slice(findings.length)
    const { lines, end } = await runChild(
      name,
      left.map((row) => row.name),
    )
    let fault: string | undefined
    for (const line of lines)
      if ('begins' in line) head = { version: line.version, how: line.how }
      else if ('failed' in line) fault = line.failed
      else findings.push(line)
    const unanswered = rows.slice(findings.length)
    // A target that cannot be driven cannot be asked the rest either; one whose process ended may be.
    const lost = fault === undefined ? unanswered.slice(0, 1) : unanswered
    for (const { name: row, unit } of lost) {
      const how = fault ?? `The process of the guard ended in this row (${end}).`
      findings.push({ target: name, version: head.version, row, unit, value: 'n/a', clean: 'n/a', how })
    }
  }
  return { name, ...head, findings }
}

/** Puts rows to one target, and again those in which it is not clean, until that is settled. */
export async function driveTarget(name: string, rowNames: readonly string[]): Promise<Driven> {
  const first = await runOnce(name, rowNames)
  const open = first.findings.filter(({ clean }) => clean !== true).map(({ row }) => row)
  const again: Finding[] = []
  if (open.length > 0)
    for (let run = 1; run < RUNS; run++) again.push(...(await runOnce(name, open)).findings)
  const settled = first.findings.map((finding) =>
    settle([finding, ...again.filter(({ row }) => row === finding.row)]),
  )
  return { ...first, findings: settled }
}
