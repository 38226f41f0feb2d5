import { spawn } from 'node:child_process'
import { dirname, join } from 'node:path'
import { describe, expect, it } from '@jest/globals'

const ROOT = dirname(import.meta.dirname)

interface Ended {
  readonly status: unknown
  readonly output: string
  readonly errors: string
}

/** Runs `npm run chaos` on the sources. */
async function chaos(...args: readonly string[]): Promise<Ended> {
  const child = spawn(
    process.execPath,
    ['--conditions=@parapet/source', join(ROOT, 'bench/chaos/run.ts'), ...args],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  )
  const [out, errors, status] = await Promise.all([
    child.stdout.toArray(),
    child.stderr.toArray(),
    new Promise((resolve, reject) => child.on('error', reject).on('close', resolve)),
  ])
  return { status, output: Buffer.concat(out).toString(), errors: Buffer.concat(errors).toString() }
}

function resultsOf({ output }: Ended): Record<string, unknown>[] {
  return output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
}

describe('npm run chaos', () => {
  it('finds nothing lost, nothing decided twice and nothing stuck', async () => {
    // Scenarios on PostgreSQL are among the lines where a server answers.
    const ended = await chaos('--json', '--runs=2')
    expect(ended).toMatchObject({ status: 0 })
    const results = resultsOf(ended)

    expect(results.map(({ scenario }) => scenario)).toEqual(
      expect.arrayContaining(['sqlite/writers-killed', 'sqlite/reviewers-killed', 'sqlite/due-while-killed']),
    )
    for (const result of results) {
      expect(result).toMatchObject({ runs: 2, lost: 0, decidedTwice: 0, stuck: 0 })
      expect(result['acknowledged']).toBeGreaterThan(0)
      expect(result['harm']).toBeGreaterThan(0)
    }
  }, 600_000)

  it('fails when no harm was done, though nothing is held against the queue', async () => {
    const ended = await chaos('--json', '--runs=0', 'sqlite/writers-killed')

    expect(ended.status).toBe(1)
    const [result] = resultsOf(ended)
    expect(Object.keys(result ?? {}).slice(0, 6)).toEqual([
      'scenario',
      'runs',
      'acknowledged',
      'lost',
      'decidedTwice',
      'stuck',
    ])
    expect(result).toMatchObject({ runs: 0, lost: 0, decidedTwice: 0, stuck: 0, harm: 0 })
  }, 120_000)

  it('says how it is used, and runs nothing for arguments that it does not know', async () => {
    const help = await chaos('--help')
    expect(help.status).toBe(0)
    expect(help.output).toContain('--runs=<n>')
    expect(help.output).toContain('sqlite/writers-killed')
    for (const wrong of [['--runs=many'], ['--rnus=3'], ['mysql']]) {
      const refused = await chaos(...wrong)
      expect({ wrong, status: refused.status, output: refused.output }).toEqual({
        wrong,
        status: 2,
        output: '',
      })
      expect(refused.errors).toContain('--runs=<n>')
    }
  }, 60_000)
})
