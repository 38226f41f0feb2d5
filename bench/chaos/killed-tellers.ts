import { setTimeout as sleep } from 'node:timers/promises'
import { postgresPlace } from './places.ts'
import { readNotices } from './read-notices.ts'
import type { Scenario } from './scenario.ts'
import { settleAccounts } from './settle-accounts.ts'
import { TARGET, tellTo } from './tell-to.ts'
import { Worker } from './worker.ts'

const TELLERS = 2
/** How long a receiver is away at the most: longer than a delivery is tried, so that some are given up. */
const LONGEST_AWAY_MS = 4_000
/** So long after the last notice that came nothing may be missing: what a killed teller had comes back after half a minute. */
const ALL_TOLD_MS = 90_000

/**
 * Processes that tell an app what became of items, and the app's receiver, are killed (SIGKILL) in the middle of deliveries. In the
 * end each item's end was told at least once, dead letters sent again included, and no delivery is left.
 */
export const killedTellers: Scenario = {
  name: 'postgres/tellers-killed',
  run: async ({ runs, random }) => {
    const { place, remove } = await postgresPlace()
    const lines: string[] = []
    const receivers = [new Worker('receiver-process.ts', [])]
    await receivers[0]?.does(1)
    const port = receivers[0]?.lines[0]?.split(' ')[1] ?? ''
    const url = `http://127.0.0.1:${port}/`
    const receiver = () => receivers.at(-1) as Worker
    const told = () => receivers.flatMap((each) => each.lines).filter((line) => line.startsWith('told '))
    const startTeller = () => new Worker('teller-process.ts', [place, url])
    const tellers = [startTeller()]
    // The first makes the tables of the jobs.
    await tellers[0]?.does(1)
    while (tellers.length < TELLERS) tellers.push(startTeller())
    const app = new Worker('chaos-process.ts', ['few', place])
    let harm = 0
    try {
      for (let run = 0; run < runs; run++) {
        await app.does(1)
        await receiver().does(1, [...tellers, app])
        const index = Math.floor(random() * (TELLERS + 1))
        const victim = tellers[index] ?? receiver()
        // At any moment of a round of deliveries.
        await sleep(random() * 500)
        if (await victim.kill()) harm += 1
        if (victim !== receiver()) tellers[index] = startTeller()
        else {
          await sleep(random() * LONGEST_AWAY_MS)
          receivers.push(new Worker('receiver-process.ts', [port]))
          await receiver().does(1, tellers)
        }
      }
    } finally {
      await Promise.all([app, ...tellers].map((worker) => worker.kill().catch(() => {})))
      lines.push(...app.lines)
    }
    try {
      const account = await settleAccounts(place, lines)
      const resent = await tellAll(place, { url, told, receiver: receiver() })
      const { due, underWay, dead } = await readNotices(place)
      const ids = new Set(told().map((line) => line.split(' ')[1]))
      const untold = due.filter((id) => !ids.has(id)).length
      return {
        scenario: 'postgres/tellers-killed',
        runs,
        ...account,
        acknowledged: account.acknowledged + ids.size,
        lost: account.lost + untold,
        stuck: account.stuck + underWay + dead,
        harm,
        resent,
      }
    } finally {
      await receiver()
        .kill()
        .catch(() => {})
      await remove()
    }
  },
}

/** Delivers what is left, dead letters too, until nothing is or nothing comes any more. Gives how many were sent again. */
async function tellAll(
  place: string,
  of: { readonly url: string; readonly told: () => readonly string[]; readonly receiver: Worker },
): Promise<number> {
  const worker = await tellTo(place, of.url)
  let resent = 0
  try {
    let giveUpAt = performance.now() + ALL_TOLD_MS
    let before = of.told().length
    while (performance.now() < giveUpAt) {
      of.receiver.requireAlive()
      resent += await worker.redeliver({ target: TARGET })
      const { due, underWay, dead } = await readNotices(place)
      const ids = new Set(of.told().map((line) => line.split(' ')[1]))
      if (underWay + dead === 0 && due.every((id) => ids.has(id))) return resent
      if (of.told().length > before) giveUpAt = performance.now() + ALL_TOLD_MS
      before = of.told().length
      await sleep(500)
    }
    return resent
  } finally {
    await worker.close()
  }
}
