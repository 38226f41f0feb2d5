import { createWriteStream } from 'node:fs'
import { userInfo } from 'node:os'
import { finished } from 'node:stream/promises'
import {
  disagreementOf,
  proposeThresholds,
  REVIEW_STATES,
  type ReviewItem,
  type ReviewQueue,
} from '@parapet/sdk'
import { type Streams, usage } from '../../command.ts'
import { cliError } from '../../errors/codes.ts'
import { EXIT } from '../../output/exit-codes.ts'
import { print } from '../../output/print.ts'
import { readPolicy } from '../../read-policy.ts'
import { openQueue } from '../review/open-queue.ts'
import { describeProposal } from './describe-proposal.ts'

interface Values {
  readonly json: boolean
  readonly policy?: string | undefined
  readonly rule?: string | undefined
  readonly rate: string
  readonly confidence: string
  readonly queue?: string | undefined
  readonly tenant?: string | undefined
  readonly disagreements?: string | undefined
  readonly reviewer?: string | undefined
}

function share(option: string, value: string): number {
  const number = Number(value)
  if (!(number > 0 && number < 1)) throw usage('calibrate', `--${option} takes a number between 0 and 1.`)
  return number
}

/**
 * Every item, not the decided ones alone: what nobody decided was drawn, too. With its text: copies of one text are one
 * draw, and nothing else tells that they are copies.
 */
async function* allItems(queue: ReviewQueue, tenant: string | undefined): AsyncGenerator<ReviewItem> {
  for (let after: string | undefined; ; ) {
    const page = await queue.list({
      states: REVIEW_STATES,
      // Text may be long.
      limit: 50,
      ...(tenant === undefined ? {} : { tenant }),
      ...(after === undefined ? {} : { after }),
    })
    yield* page.items
    if (page.next === undefined) return
    after = page.next
  }
}

/** Writes disagreements as they pass by. Only whoever may read the queue may read the file. */
async function* writing(
  items: AsyncIterable<ReviewItem>,
  path: string,
  seen: (id: string) => Promise<unknown>,
): AsyncGenerator<ReviewItem> {
  const file = createWriteStream(path, { mode: 0o600, flags: 'wx' })
  const done = finished(file).catch((cause: NodeJS.ErrnoException) => {
    throw cliError('PARAPET_CLI_OUTPUT_FAILED', { path, fault: cause.code ?? 'unwritable' }, { cause })
  })
  // Reported where it is awaited; until then it is nobody's unhandled rejection.
  done.catch(() => {})
  for await (const item of items) {
    const disagreement = disagreementOf(item)
    if (disagreement && !file.destroyed) {
      await seen(item.id)
      await Promise.race([print(file, JSON.stringify(disagreement)), done])
    }
    yield item
  }
  file.end()
  await done
}

/** Proposes thresholds from reviewers' decisions, and changes nothing. */
export async function fromReviews(values: Values, { stdout }: Streams): Promise<number> {
  const { policy: policyPath, rule, tenant, disagreements } = values
  if (policyPath === undefined) throw usage('calibrate', '--policy FILE is needed.')
  const [rate, confidence] = [share('rate', values.rate), share('confidence', values.confidence)]
  const policy = await readPolicy(policyPath)
  const reviewer = values.reviewer ?? process.env['PARAPET_REVIEWER'] ?? userInfo().username
  const { queue } = await openQueue(values.queue)
  try {
    const all = allItems(queue, tenant)
    const items =
      disagreements === undefined ? all : writing(all, disagreements, (id) => queue.view({ id, reviewer }))
    const goal = { rate, confidence }
    const proposals = await proposeThresholds(policy, items, rule === undefined ? goal : { ...goal, rule })
    if (proposals.length === 0)
      throw usage('calibrate', 'The policy has no such rule, or none that acts on a score.')
    const { id, version } = policy.document
    const result = { policy: { id, version, policyHash: policy.policyHash }, rate, confidence, proposals }
    await print(
      stdout,
      values.json
        ? JSON.stringify(result)
        : proposals.map((proposal) => describeProposal(proposal, goal)).join('\n\n'),
    )
    return proposals.every(({ evidence }) => evidence.threshold !== undefined) ? EXIT.ok : EXIT.failed
  } finally {
    await queue.close()
  }
}
