import { spawn } from 'node:child_process'
import { dirname, join } from 'node:path'
import { describe, expect, it } from '@jest/globals'

const ROOT = dirname(import.meta.dirname)

/** Runs `npm run chaos` in short, on the sources. Scenarios on PostgreSQL are among the lines where a server answers. */
async function chaos(runs: number): Promise<Record<string, unknown>[]> {
  const child = spawn(
    process.execPath,
    ['--conditions=@parapet/source', join(ROOT, 'bench/chaos/run.ts'), '--json', `--runs=${runs}`],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  )
  const [out, errors, status] = await Promise.all([
    child.stdout.toArray(),
    child.stderr.toArray(),
    new Promise((resolve, reject) => child.on('error', reject).on('close', resolve)),
  ])
  if (status !== 0) throw new Error(Buffer.concat([...out, ...errors]).toString())
  return Buffer.concat(out)
    .toString()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
}

describe('npm run chaos', () => {
  it('finds nothing lost, nothing decided twice and nothing stuck', async () => {
    const results = await chaos(2)

    expect(results.map(({ scenario }) => scenario)).toEqual(
      expect.arrayContaining(['sqlite/writers-killed', 'sqlite/reviewers-killed']),
    )
    for (const result of results) {
      expect(result).toMatchObject({ runs: 2, lost: 0, decidedTwice: 0, stuck: 0 })
      expect(result['acknowledged']).toBeGreaterThan(0)
    }
  }, 300_000)
})
