import { userInfo } from 'node:os'
import { sqliteQueue } from '@parapet/adapters/sqlite'
import {
  type Message,
  REVIEW_STATES,
  type ReviewItem,
  type ReviewQueue,
  type ReviewState,
} from '@parapet/sdk'
import { type Command, parse, print, type Streams, usage } from '../command.ts'
import { EXIT } from '../output/exit-codes.ts'
import { fields, table } from '../output/table.ts'
import { terminalText } from '../output/terminal-text.ts'

const HELP = `parapet review list | show | claim | release | decide: the review queue

  list                       items in the order in which they are handed out
    --state STATE            ${REVIEW_STATES.join(', ')} (default: open and claimed)
    --limit N                at most, 1 to 500 (default: 50)
  show ID                    one item with its text; the view is logged
  claim [ID]                 takes the first open item, or this one
  release ID                 puts it back; --reason CODE says why
  decide ID --approve | --reject
    --reason CODE            a short code of your own
    --note TEXT              words for the item, erased with it
  events [ID]                the queue's log

  --queue FILE               the queue (default: PARAPET_QUEUE, else review.db)
  --reviewer NAME            who you are (default: PARAPET_REVIEWER, else your user name)
  --tenant NAME              only this tenant
  --json                     JSON instead of tables

Exit status: 0 done; 1 failed, or nothing to claim; 2 called wrongly.`

const OPTIONS = {
  queue: { type: 'string' },
  reviewer: { type: 'string' },
  tenant: { type: 'string' },
  state: { type: 'string' },
  limit: { type: 'string', default: '50' },
  approve: { type: 'boolean', default: false },
  reject: { type: 'boolean', default: false },
  reason: { type: 'string' },
  note: { type: 'string' },
} as const

/** What one verb is called with. */
interface Call {
  readonly queue: ReviewQueue
  readonly reviewer: string
  readonly id: string | undefined
  readonly values: ReturnType<typeof parseReview>['values']
  readonly streams: Streams
}

const parseReview = (args: readonly string[]) => parse('review', args, OPTIONS)

const optional = <Key extends string>(key: Key, value: string | undefined) =>
  (value === undefined ? {} : { [key]: value }) as Partial<Record<Key, string>>

function due({ deadlineAt }: ReviewItem): string {
  return deadlineAt === undefined ? 'none' : new Date(deadlineAt).toISOString()
}

function partText(part: Message['parts'][number]): string {
  if (part.type === 'text' || part.type === 'reasoning') return part.text
  if (part.type === 'tool-call') return `${part.toolName}(${part.input})`
  return part.type === 'tool-result' ? part.output : `[${part.mediaType}]`
}

/** The item as a reviewer reads it in a terminal: hostile text cannot steer it, or hide in it. */
function describe(item: ReviewItem): string {
  const head = fields([
    ['item', item.id],
    ['kind', item.kind],
    ['state', item.claim ? `${item.state} by ${item.claim.reviewer}` : item.state],
    ['tenant', item.tenant],
    ['due', due(item)],
    ['then', item.otherwise ?? 'nothing'],
    ['decision', item.decisionId],
  ])
  const why = item.reasons.map((reason) =>
    reason.kind === 'rule'
      ? `${reason.detector}: ${reason.label} ${reason.score.toFixed(3)} ≥ ${reason.threshold.toFixed(3)} → ${reason.action} (${reason.rule})`
      : `${reason.detector}: ${reason.kind} (${reason.kind === 'failed' ? reason.code : reason.reason}) → ${reason.action}`,
  )
  const conversation = item.content.messages.map(
    ({ role, parts }) => `${role}: ${parts.map(partText).join('\n')}`,
  )
  const answer = item.content.answerText === undefined ? [] : [`answer: ${item.content.answerText}`]
  const texts = [...conversation, ...answer].map((text) => terminalText(text, { multiline: true }))
  return [head, why.map((line) => terminalText(line)).join('\n'), texts.join('\n\n')]
    .filter((block) => block !== '')
    .join('\n\n')
}

async function show(item: ReviewItem, { values, streams }: Call): Promise<number> {
  await print(streams.stdout, values.json ? JSON.stringify(item) : describe(item))
  return EXIT.ok
}

function needId({ id }: Call): string {
  if (id === undefined) throw usage('review', 'An item is needed.')
  return id
}

/** A claim of the same reviewer is found again, so that each step can be a command of its own. */
async function claimToken(call: Call): Promise<{ readonly id: string; readonly token: string }> {
  const claim = await call.queue.claim({ reviewer: call.reviewer, id: needId(call) })
  if (!claim) throw usage('review', 'There is no such item.')
  return { id: claim.item.id, token: claim.token }
}

const VERBS: Readonly<Record<string, (call: Call) => Promise<number>>> = {
  async list({ queue, values, streams }) {
    if (values.state !== undefined && !REVIEW_STATES.includes(values.state as ReviewState))
      throw usage('review', `--state is one of ${REVIEW_STATES.join(', ')}.`)
    const states = values.state === undefined ? (['open', 'claimed'] as const) : [values.state as ReviewState]
    const page = await queue.list({
      states,
      limit: Number(values.limit),
      ...optional('tenant', values.tenant),
    })
    const rows = page.items.map((item) => [
      item.id,
      item.kind,
      item.state,
      item.tenant,
      due(item),
      item.reasons.map((reason) => reason.detector).join(', '),
    ])
    await print(
      streams.stdout,
      values.json
        ? JSON.stringify(page)
        : table(['item', 'kind', 'state', 'tenant', 'due', 'because of'], rows),
    )
    return EXIT.ok
  },
  async show(call) {
    const item = await call.queue.view({ id: needId(call), reviewer: call.reviewer })
    if (!item) throw usage('review', 'There is no such item.')
    return show(item, call)
  },
  async claim(call) {
    const { queue, reviewer, id, values, streams } = call
    const claim = await queue.claim({ reviewer, ...optional('id', id), ...optional('tenant', values.tenant) })
    if (claim) return show(claim.item, call)
    await print(streams.stderr, 'Nothing is open.')
    return EXIT.failed
  },
  async release(call) {
    await call.queue.release({ ...(await claimToken(call)), ...optional('reason', call.values.reason) })
    return EXIT.ok
  },
  async decide(call) {
    const { queue, values, streams } = call
    if (values.approve === values.reject) throw usage('review', 'decide takes --approve or --reject.')
    const item = await queue.decide({
      ...(await claimToken(call)),
      outcome: values.approve ? 'approve' : 'reject',
      ...optional('reason', values.reason),
      ...optional('note', values.note),
    })
    await print(streams.stdout, values.json ? JSON.stringify(item) : `${item.id} ${item.state}`)
    return EXIT.ok
  },
  async events({ queue, id, values, streams }) {
    const events = await queue.events(optional('itemId', id))
    const rows = events.map((event) => [
      event.sequence,
      new Date(event.at).toISOString(),
      event.kind,
      event.itemId,
      event.actor,
    ])
    await print(
      streams.stdout,
      values.json ? JSON.stringify(events) : table(['no.', 'at', 'what', 'item', 'who'], rows),
    )
    return EXIT.ok
  },
}

async function run(args: readonly string[], streams: Streams): Promise<number> {
  const { values, positionals } = parseReview(args)
  const [name = '', id] = positionals
  const verb = Object.hasOwn(VERBS, name) ? VERBS[name] : undefined
  if (!verb) throw usage('review', `The verbs are ${Object.keys(VERBS).join(', ')}.`)
  const queue = sqliteQueue(values.queue ?? process.env['PARAPET_QUEUE'] ?? 'review.db')
  const reviewer = values.reviewer ?? process.env['PARAPET_REVIEWER'] ?? userInfo().username
  try {
    return await verb({ queue, reviewer, id, values, streams })
  } finally {
    await queue.close()
  }
}

export const command: Command = { help: HELP, run }
