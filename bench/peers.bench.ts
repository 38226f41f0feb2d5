import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { personalData, secrets } from '@parapet/detectors'
import { createGuard, definePolicy, when } from '@parapet/sdk'
import { type Bench, type Figure, timePerCall } from './figure.ts'

const FOLDER = new URL('./peers/', import.meta.url)

const SENTENCE = 'The parcel left the warehouse on Monday and should reach you within three working days. '
/** About 2,000 characters of ordinary text, with a card number, an address and a key in it. */
const TEXT = `${SENTENCE.repeat(12)}Card 4242 4242 4242 4242, ada@example.org, key AKIAQ4LBZ7TNR5JXK2WM. ${SENTENCE.repeat(12)}`

type Peers = Readonly<Record<string, (text: string) => Promise<unknown>>>

async function loadPeers(): Promise<Peers> {
  if (!existsSync(new URL('node_modules', FOLDER)))
    execFileSync('npm', ['ci'], { cwd: FOLDER, stdio: 'ignore', shell: process.platform === 'win32' })
  const { PEERS } = (await import(new URL('peers.mjs', FOLDER).href)) as { PEERS: Peers }
  return PEERS
}

function ours(): () => Promise<unknown> {
  const policy = definePolicy({
    id: 'bench',
    version: '1',
    output: {
      rules: [
        when(secrets()).found().redact(),
        when(personalData({ kinds: ['credit-card', 'email'] }))
          .found()
          .redact(),
      ],
      onError: 'block',
      onAbstain: 'block',
      budgetMs: 10_000,
    },
  })
  const guard = createGuard({ policy, memoEntries: 0 })
  return () => guard.check({ stage: 'output', text: TEXT })
}

/** Finding a card, an address and a key in 2,000 characters: ours with its decision, and two peers, in turn. */
export const peersBench: Bench = {
  name: 'peers',
  async run() {
    const figures: Figure[] = []
    const own = await timePerCall(ours(), { calls: 50 })
    figures.push({ name: 'peers/parapet', value: own, unit: 'ms' })
    for (const [name, check] of Object.entries(await loadPeers())) {
      const theirs = await timePerCall(() => check(TEXT), { calls: 50 })
      figures.push({ name: `peers/${name}`, value: theirs, unit: 'ms' })
      figures.push({ name: `peers/parapet-against-${name}`, value: own / theirs, unit: 'ratio' })
    }
    return figures
  },
}
