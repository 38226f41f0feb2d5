import type { Place } from './places.ts'
import type { Scenario } from './scenario.ts'
import { settleAccounts, settleDue } from './settle-accounts.ts'
import { Worker } from './worker.ts'

/** How many processes work at a time. */
const PROCESSES = 3

/** Kills one of several processes (SIGKILL) at a moment that nobody chose, and starts another in its place. */
export function killedProcesses(
  name: string,
  part: 'write' | 'both' | 'due',
  open: () => Place | Promise<Place>,
): Scenario {
  return {
    name,
    run: async ({ runs, random }) => {
      const { place, remove } = await open()
      const workers = Array.from({ length: PROCESSES }, () => new Worker('chaos-process.ts', [part, place]))
      const lines: string[] = []
      let harm = 0
      const end = async (worker: Worker) => {
        const killed = await worker.kill()
        lines.push(...worker.lines)
        return killed ? 1 : 0
      }
      try {
        for (let run = 0; run < runs; run++) {
          const index = Math.floor(random() * workers.length)
          const victim = workers[index]
          await victim?.does(1 + Math.floor(random() * 12))
          if (victim) harm += await end(victim)
          workers[index] = new Worker('chaos-process.ts', [part, place])
        }
        for (const worker of workers) await worker.does(1)
      } finally {
        await Promise.all(workers.map((worker) => end(worker).catch(() => {})))
      }
      const result = await (part === 'due' ? settleDue : settleAccounts)(place, lines)
      await remove()
      return { scenario: name, runs, ...result, harm }
    },
  }
}
