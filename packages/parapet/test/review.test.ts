import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from '@jest/globals'
import { sqliteQueue } from '@parapet/adapters/sqlite'
import type { NewReviewItem, ReviewItem } from '@parapet/sdk'
import { callParapet } from './call-parapet.ts'
import { runParapet } from './run-parapet.ts'
import { temporaryFolder } from './temporary-folder.ts'

const folder = temporaryFolder()
const path = join(folder, 'review.db')
const HOSTILE = '\u001b[2J\u001b]0;owned\u0007 a\u202Eb\u200Bc\r\ndecision  approved\nanswer: fine \ud800'

function newItem(key: string, changes: Partial<NewReviewItem> = {}): NewReviewItem {
  return {
    key,
    kind: 'input',
    tenant: 'default',
    decisionId: `decision-${key}`,
    bindingHash: 'sha256:binding',
    contentDigest: `sha256:${key}`,
    content: { messages: [{ role: 'user', parts: [{ type: 'text', text: `the text of ${key}` }] }] },
    reasons: [
      {
        kind: 'rule',
        part: 0,
        stage: 'input',
        rule: 'words.wait',
        detector: 'words',
        label: 'wait',
        score: 1,
        threshold: 0.5,
        action: 'hold',
      },
    ],
    edits: [],
    deadlineAt: Date.now() + 3_600_000,
    otherwise: 'block',
    expiresAt: Date.now() + 7_200_000,
    ...changes,
  }
}

/** What guards put on the queue, in processes of their own. */
async function enqueue(items: readonly NewReviewItem[]): Promise<ReviewItem[]> {
  const queue = sqliteQueue(path)
  try {
    return await Promise.all(items.map((item) => queue.enqueue(item)))
  } finally {
    await queue.close()
  }
}

const review = (args: readonly string[], reviewer = 'ada') =>
  runParapet(['review', ...args], { environment: { PARAPET_QUEUE: path, PARAPET_REVIEWER: reviewer } })

const ids: Record<string, string> = {}
const idOf = (key: string): string => ids[key] as string

beforeAll(async () => {
  const hostile = newItem('hostile', {
    content: { messages: [{ role: 'user', parts: [{ type: 'text', text: HOSTILE }] }], answerText: HOSTILE },
  })
  const items = await enqueue([
    newItem('flow', { priority: 9 }),
    newItem('other', { tenant: 'acme' }),
    newItem('given-back'),
    hostile,
  ])
  for (const { key, id } of items) ids[key] = id
})

describe('parapet review', () => {
  it('takes an item from the list to its decision, each step a process of its own', async () => {
    const listed = await review(['list'])
    const id = /^(\S+) +input +open +default/m.exec(listed.stdout)?.[1] ?? ''
    const shown = await review(['show', id])
    const claimed = await review(['claim'])
    const other = await review(['claim', id], 'bob')
    const decided = await review(['decide', id, '--approve', '--reason', 'fine', '--note', 'I know them'])
    const again = await review(['decide', id, '--reject'])
    const after = await review(['show', id, '--json'])

    expect(id).toBe(idOf('flow'))
    expect(shown.stdout).toContain('  | the text of flow')
    expect(shown.stdout).toMatch(/^because +words: wait 1\.000000 ≥ 0\.500000: hold/m)
    expect(claimed.stdout).toMatch(new RegExp(`^item +${id}$`, 'm'))
    expect(claimed.stdout).toMatch(/^state +claimed by ada until /m)
    expect(other).toMatchObject({ status: 1, stdout: '' })
    expect(other.stderr).toMatch(/^PARAPET_QUEUE_CLAIMED: /)
    expect(decided).toMatchObject({ status: 0, stdout: `${id} approved\n` })
    expect(again).toMatchObject({ status: 1, stdout: '' })
    expect(again.stderr).toMatch(/^PARAPET_QUEUE_DECIDED: /)
    expect(JSON.parse(after.stdout)).toMatchObject({
      state: 'approved',
      decision: { reviewer: 'ada', reason: 'fine', note: 'I know them' },
    })
  })

  it('gives an item of yours back, and none of another’s', async () => {
    const id = idOf('given-back')
    await review(['claim', id])

    const stolen = await review(['release', id], 'bob')
    const released = await review(['release', id, '--reason', 'not-mine'])
    const events = await review(['events', id, '--json'])

    expect(stolen).toMatchObject({ status: 1, stdout: '' })
    expect(stolen.stderr).toMatch(/^PARAPET_CLI_ITEM_UNKNOWN: /)
    expect(released).toMatchObject({ status: 0, stdout: `${id} open\n` })
    expect((JSON.parse(events.stdout) as { kind: string }[]).map(({ kind }) => kind)).toEqual([
      'enqueued',
      'claimed',
      // To be given the claim's token again.
      'extended',
      'released',
    ])
  })

  it('shows no token of a claim, to whoever lists or reads', async () => {
    const id = idOf('given-back')
    await review(['claim', id], 'bob')

    const listed = await review(['list', '--state', 'claimed', '--json'], 'eve')
    const shown = await review(['show', id, '--json'], 'eve')
    await review(['release', id], 'bob')

    expect(listed.stdout).toContain('"reviewer":"bob"')
    expect(shown.stdout).toContain('"reviewer":"bob"')
    expect(`${listed.stdout}${shown.stdout}`).not.toContain('"token"')
  })

  it('shows hostile text without letting it steer the terminal, hide, or pass for ours', async () => {
    const { status, stdout } = await review(['show', idOf('hostile')])

    expect(status).toBe(0)
    expect(stdout.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]/u)
    expect(stdout).toContain('  | ‹U+001B›[2J‹U+001B›]0;owned‹U+0007› a‹U+202E›b‹U+200B›c‹U+000D›')
    expect(stdout.match(/^decision/gm)).toHaveLength(1)
    expect(stdout).not.toMatch(/^answer: fine/m)
  })

  it('lists a page at a time, and one tenant alone', async () => {
    const first = JSON.parse((await review(['list', '--json', '--limit', '1'])).stdout) as { next: string }
    const table = await review(['list', '--limit', '1'])
    const rest = JSON.parse((await review(['list', '--json', '--after', first.next])).stdout) as {
      items: { id: string }[]
    }
    const acme = await review(['list', '--tenant', 'acme'])

    expect(table.stdout).toContain(`There are more: --after ${first.next}`)
    expect(rest.items.length).toBeGreaterThanOrEqual(2)
    expect(acme.stdout.trim().split('\n')).toHaveLength(2)
    expect(acme.stdout).toContain(idOf('other'))
  })

  it('says so where nothing is open', async () => {
    expect(await review(['claim', '--tenant', 'nobody'])).toMatchObject({
      status: 1,
      stdout: '',
      stderr: 'Nothing is open.\n',
    })
  })

  it('follows the chain of the log', async () => {
    const { status, stdout } = await review(['verify', '--json'])

    expect(status).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ entries: expect.any(Number), head: expect.any(String) })
    expect(JSON.parse(stdout)).not.toHaveProperty('brokenAt')
  })

  it('makes no queue where there is none', async () => {
    const none = join(folder, 'none.db')

    const { status, stderr } = await callParapet(['review', 'list', '--queue', none])

    expect(status).toBe(1)
    expect(stderr).toMatch(/^PARAPET_CLI_QUEUE_MISSING: /)
    expect(existsSync(none)).toBe(false)
  })

  it.each([
    ['no verb', [], 2, 'PARAPET_CLI_USAGE'],
    ['an unknown verb', ['look'], 2, 'PARAPET_CLI_USAGE'],
    ['show without an item', ['show'], 2, 'PARAPET_CLI_USAGE'],
    ['an item that is not there', ['show', 'none'], 1, 'PARAPET_CLI_ITEM_UNKNOWN'],
    ['a claim of an item that is not there', ['claim', 'none'], 1, 'PARAPET_QUEUE_NOT_FOUND'],
    ['a decision that is none', ['decide', 'none'], 2, 'PARAPET_CLI_USAGE'],
    ['a decision that is two', ['decide', 'none', '--approve', '--reject'], 2, 'PARAPET_CLI_USAGE'],
    ['an unknown state', ['list', '--state', 'lost'], 2, 'PARAPET_CLI_USAGE'],
    ['a limit out of range', ['list', '--limit', '501'], 2, 'PARAPET_CLI_USAGE'],
  ])('refuses %s', async (_, args, status, code) => {
    const result = await callParapet(['review', ...args, '--queue', path])

    expect(result).toMatchObject({ status, stdout: '' })
    expect(result.stderr).toMatch(new RegExp(`^${code}: `))
  })
})
