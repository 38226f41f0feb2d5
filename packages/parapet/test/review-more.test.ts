import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, describe, expect, it } from '@jest/globals'
import { sqliteQueue } from '@parapet/adapters/sqlite'
import { createGuard, definePolicy, type NewReviewItem, patterns, when } from 'parapet'
import { callParapet } from './call-parapet.ts'
import { jsonLines, parseLines } from './run-parapet.ts'
import { temporaryFolder } from './temporary-folder.ts'

const folder = temporaryFolder()
let files = 0
let path = ''

function newItem(changes: Partial<NewReviewItem> = {}): NewReviewItem {
  const key = changes.key ?? `key-${Math.random()}`
  return {
    key,
    kind: 'output',
    tenant: 'acme',
    subjectKey: 'one',
    decisionId: `decision-${key}`,
    bindingHash: 'sha256:binding',
    contentDigest: `sha256:${key}`,
    content: { messages: [{ role: 'user', parts: [{ type: 'text', text: `canary of ${key}` }] }] },
    reasons: [],
    edits: [],
    deadlineAt: Date.now() + 3_600_000,
    otherwise: 'block',
    expiresAt: Date.now() + 7_200_000,
    ...changes,
  }
}

/** A queue file of its own with these items; their ids. */
async function withItems(...items: NewReviewItem[]): Promise<string[]> {
  files += 1
  path = join(folder, `review-${files}.db`)
  const queue = sqliteQueue(path)
  const stored = []
  for (const item of items) stored.push(await queue.enqueue(item))
  await queue.close()
  return stored.map(({ id }) => id)
}

const review = (...args: string[]) => callParapet(['review', ...args, '--queue', path, '--reviewer', 'ada'])
const json = async <Value = Record<string, unknown>>(...args: string[]): Promise<Value> =>
  JSON.parse((await review(...args, '--json')).stdout) as Value

describe('parapet review', () => {
  it('claims by team, skips for others, and edits an answer', async () => {
    const [day = '', night = ''] = await withItems(
      newItem({ team: 'day' }),
      newItem({ team: 'night', priority: 5 }),
    )
    const text = join(folder, 'edited.txt')
    writeFileSync(text, 'Kindly so.\n')

    const claimed = await json<{ id: string }>('claim', '--team', 'day')
    const skipped = await review('skip', day, '--reason', 'not-mine')
    const next = await review('claim', '--team', 'day')
    const edited = await json('decide', night, '--edit', text, '--reason', 'tone')

    expect(claimed.id).toBe(day)
    expect(skipped).toMatchObject({ status: 0, stdout: `${day} open, for others\n` })
    expect(next.status).toBe(1)
    expect(edited).toMatchObject({ state: 'approved', decision: { outcome: 'edit', answer: 'Kindly so.' } })
    expect(
      (await json<{ items: unknown[] }>('list', '--team', 'night', '--state', 'approved')).items,
    ).toHaveLength(1)
  })

  it('undoes a decision that is not in effect yet, by the token that decide gave', async () => {
    const [id = ''] = await withItems(newItem({ undoMs: 600_000 }))

    const decided = await json<{ state: string; undoToken: string }>('decide', id, '--reject')
    const forged = await review('undo', id, '--token', 'forged')
    const undone = await review('undo', id, '--token', decided.undoToken)

    expect(decided.state).toBe('decided')
    expect(forged.stderr).toMatch(/^PARAPET_QUEUE_UNDO_REFUSED/)
    expect(undone).toMatchObject({ status: 0, stdout: `${id} open\n` })
  })

  it('counts what waits, how long decisions took, and how often opinions agree', async () => {
    const [one = '', two = ''] = await withItems(
      newItem({ opinions: 2 }),
      newItem(),
      newItem({ team: 'constructor' }),
    )
    await review('decide', one, '--approve')
    await callParapet(['review', 'decide', one, '--approve', '--queue', path, '--reviewer', 'bob'])
    await review('decide', two, '--reject', '--reason', 'harm')

    const stats = await json('stats')

    expect(stats).toMatchObject({
      items: 3,
      states: { open: 1, approved: 1, rejected: 1 },
      teams: { constructor: { open: 1, claimed: 0 } },
      outcomes: { approve: 1, reject: 1 },
      reasons: { harm: 1 },
      reviewers: { ada: 2, bob: 1 },
      secondOpinions: { asked: 1, agreed: 1 },
      msToDecision: { n: 2 },
    })
    expect((await review('stats')).stdout).toMatch(/^second opinions +1 of 1 agreed/m)
  })

  it.each([
    ['show'],
    ['claim'],
    ['decide', '--approve'],
    ['undo', '--token', 'a'],
    ['release'],
    ['skip', '--reason', 'a'],
  ])('has no item of another tenant for %s', async (verb, ...more) => {
    const [id = ''] = await withItems(newItem())
    await review('claim', id)

    const { status, stdout, stderr } = await review(verb, id, ...more, '--tenant', 'globex')

    expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
    expect(stderr).toMatch(/^PARAPET_QUEUE_NOT_FOUND: /)
    expect(await json('show', id, '--tenant', 'acme')).toMatchObject({ state: 'claimed' })
  })

  it('watches the log, and ends when it was told to', async () => {
    await withItems(newItem(), newItem())

    const lines = parseLines<{ kind: string }>(
      (await review('watch', '--after', '1', '--limit', '1', '--json')).stdout,
    )

    expect(lines).toMatchObject([{ sequence: 2, kind: 'enqueued' }])
  })

  it('exports without text, or with it and a view on record', async () => {
    const [id = ''] = await withItems(newItem({ key: '=cmd()', tenant: '=acme,"x"' }))
    await review('decide', id, '--reject', '--note', 'canary of the note')

    const bare = await review('export')
    const csv = await review('export', '--format', 'csv')
    const whole = await review('export', '--text')
    const events = await json<{ kind: string }[]>('events', id)

    expect(bare.stdout).not.toContain('canary')
    expect(csv.stdout).not.toContain('canary')
    expect(csv.stdout).toContain(`"'=acme,""x"""`)
    expect(parseLines(whole.stdout)).toMatchObject([{ id, decision: { note: 'canary of the note' } }])
    expect(events.map(({ kind }) => kind)).toEqual(['enqueued', 'claimed', 'decided', 'viewed'])
  })
})

describe('parapet review import', () => {
  const file = (name: string, text: string) => {
    const at = join(folder, `${files}-${name}`)
    writeFileSync(at, text)
    return at
  }

  it('takes decisions from the CSV that export wrote, once somebody filled them in, and again without effect', async () => {
    const [one = '', two = ''] = await withItems(newItem(), newItem())
    const [header = '', ...rows] = (await review('export', '--format', 'csv')).stdout.trim().split('\n')
    const filled = rows.map((row) => row.replace(/^([^,]*,[^,]*),"","","",/, '$1,reject,spam,bob,'))
    const decisions = file('decisions.csv', [header, ...filled].join('\r\n'))

    const dry = await json('import', decisions, '--dry-run')
    const before = await json<{ open: number }>('stats')
    const taken = await review('import', decisions)
    const again = await json('import', decisions)

    expect(dry).toMatchObject({ decisions: 2, refused: 0 })
    expect(before).toMatchObject({ states: { open: 2 } })
    expect(taken.status).toBe(0)
    expect(again).toMatchObject({ decisions: 2, refused: 0 })
    for (const id of [one, two])
      expect(await json('show', id)).toMatchObject({
        state: 'rejected',
        decision: { reviewer: 'bob', reason: 'spam' },
      })
  })

  it.each([['csv'], ['jsonl'], ['jsonl', '--text']])(
    'takes what export gives (%s) into a queue that has the items, and passes over what nobody decided',
    async (format, ...more) => {
      const items = [newItem({ key: 'a' }), newItem({ key: 'b' }), newItem({ key: 'c' })]
      const [one = '', two = '', open = ''] = await withItems(...items)
      const copy = join(folder, `copy-${files}.db`)
      const database = new DatabaseSync(path)
      database.exec(`VACUUM INTO '${copy}'`)
      database.close()
      const words = file('words.txt', 'Kindly so.')
      await review('decide', one, '--reject', '--reason', 'spam')
      await review('decide', two, '--edit', words, '--note', 'rude')
      // An answer is text: without it an edit is none.
      const isWhole = more.includes('--text')
      const exported = async (state: string, ...how: string[]) =>
        (await review('export', '--format', format, '--state', state, ...how)).stdout
      const edited = isWhole ? await exported('approved', ...more) : ''
      const decisions = file(`decided.${format}`, edited + (await exported('rejected', ...more)))
      const undecided = file(`undecided.${format}`, await exported('open'))
      path = copy

      const [taken, again] = [await json('import', decisions), await json('import', decisions)]
      const none = await review('import', undecided, '--json')

      expect(taken).toMatchObject({ decisions: isWhole ? 2 : 1, refused: 0 })
      expect(again).toEqual(taken)
      expect(none.status).toBe(0)
      expect(JSON.parse(none.stdout)).toMatchObject({ decisions: 0, items: 0, undecided: 1, refused: 0 })
      expect(await json('show', one)).toMatchObject({ state: 'rejected', decision: { reason: 'spam' } })
      expect(await json('show', open)).toMatchObject({ state: 'open' })
      if (isWhole)
        expect(await json('show', two)).toMatchObject({ decision: { answer: 'Kindly so.', note: 'rude' } })
    },
  )

  it('refuses each row that lies or is malformed, says on which line, and takes the others', async () => {
    const [one = '', two = '', three = ''] = await withItems(
      newItem({ key: 'a' }),
      newItem({ key: 'b' }),
      newItem({ key: 'c', kind: 'input' }),
    )
    await review('decide', two, '--approve')
    const row = (changes: object) => ({ id: one, contentDigest: 'sha256:a', outcome: 'approve', ...changes })
    const decisions = file(
      'decisions.jsonl',
      `${jsonLines([
        row({ id: 'no-such-item' }),
        row({ contentDigest: 'sha256:b' }),
        row({ tenant: 'globex' }),
        row({ outcome: 'delete' }),
        row({ reviewer: 'parapet' }),
        row({ reason: 'words of a user' }),
        row({ outcome: 'edit' }),
        row({ revision: 99 }),
        row({ id: two, contentDigest: 'sha256:b', outcome: 'reject' }),
        row({ id: three, contentDigest: 'sha256:c', outcome: 'edit', answer: 'x' }),
        ['not', 'a', 'row'],
        { canary: 'canary' },
      ])}{"id": "cut\n${jsonLines([row({})])}`,
    )

    const result = await review('import', decisions, '--json')
    const { rows, ...counts } = JSON.parse(result.stdout) as { rows: { line: number; problem: string }[] }

    expect(result.status).toBe(1)
    expect(counts).toEqual({ decisions: 1, items: 0, stricter: 0, undecided: 0, refused: 13 })
    expect(rows.map(({ line }) => line)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13])
    expect(rows.map(({ problem }) => problem.split(':')[0])).toEqual([
      ...Array(4).fill('PARAPET_CLI_ROW_INVALID'),
      'PARAPET_QUEUE_INVALID',
      'PARAPET_QUEUE_INVALID',
      'PARAPET_QUEUE_INVALID',
      'PARAPET_QUEUE_CHANGED',
      'PARAPET_QUEUE_DECIDED',
      'PARAPET_QUEUE_OUTCOME',
      ...Array(3).fill('PARAPET_CLI_ROW_INVALID'),
    ])
    expect(result.stdout).not.toContain('canary')
    expect(await json('show', one)).toMatchObject({ state: 'approved' })
    expect(await json('show', three)).toMatchObject({ state: 'open' })
  })

  it('logs who imported, and takes no second opinion of somebody else unless told to', async () => {
    const [id = ''] = await withItems(newItem({ key: 'two', opinions: 2 }))
    const row = (reviewer: string) => ({ id, contentDigest: 'sha256:two', outcome: 'approve', reviewer })
    const decisions = file('opinions.jsonl', jsonLines([row('bob'), row('eve')]))

    const refused = await json('import', decisions)
    const untouched = await json('show', id)
    const taken = await json('import', decisions, '--trust-reviewers')
    const events = await json<{ kind: string; actor: string; detail: object }[]>('events', id)

    expect(refused).toMatchObject({ decisions: 0, refused: 2 })
    expect(untouched).toMatchObject({ state: 'open' })
    expect(taken).toMatchObject({ decisions: 2, refused: 0 })
    expect(events.filter(({ actor }) => actor === 'bob' || actor === 'eve')).toMatchObject(
      ['claimed', 'opinion', 'claimed', 'decided'].map((kind) => ({ kind, detail: { importedBy: 'ada' } })),
    )
  })

  it('leaves a live claim alone, whatever a row says', async () => {
    const [id = ''] = await withItems(newItem({ key: 'live', kind: 'input' }))
    await review('claim', id)
    const row = { id, contentDigest: 'sha256:live', reviewer: 'ada' }
    const decisions = file(
      'live.jsonl',
      jsonLines([
        { ...row, outcome: 'edit', answer: 'x' },
        { ...row, outcome: 'approve', revision: 99 },
        { ...row, outcome: 'approve', reviewer: 'bob' },
      ]),
    )

    expect(await json('import', decisions)).toMatchObject({ decisions: 0, refused: 3 })
    expect(await json('show', id)).toMatchObject({ state: 'claimed', claim: { reviewer: 'ada' } })
  })

  it('finds in a dry run what it would refuse, words that differ among it', async () => {
    const [decided = '', held = '', free = ''] = await withItems(
      newItem({ key: 'a' }),
      newItem({ key: 'b' }),
      newItem({ key: 'c' }),
    )
    const text = file('answer.txt', 'one')
    await review('decide', decided, '--answer', text, '--note', 'mine')
    await callParapet(['review', 'claim', held, '--queue', path, '--reviewer', 'zoe'])
    const answered = { id: decided, contentDigest: 'sha256:a', outcome: 'answer', answer: 'one' }
    const third = { id: free, contentDigest: 'sha256:c', outcome: 'reject' }
    const decisions = file(
      'dry.jsonl',
      jsonLines([
        answered,
        { ...answered, answer: 'another' },
        { ...answered, note: 'another' },
        { ...answered, outcome: 'reject', answer: undefined },
        { id: held, contentDigest: 'sha256:b', outcome: 'reject' },
        { ...third, reason: 'not a code!' },
        { ...third, revision: 1 },
        { ...third, outcome: 'approve' },
      ]),
    )

    const dry = await json<{ rows: { line: number }[] }>('import', decisions, '--dry-run')
    const events = await json<unknown[]>('events', free)
    const real = await json<{ rows: { line: number }[] }>('import', decisions)

    expect(dry).toMatchObject({ decisions: 2, refused: 6 })
    expect(events).toHaveLength(1)
    expect(real).toMatchObject({ decisions: 2, refused: 6 })
    expect(dry.rows.map(({ line }) => line)).toEqual([2, 3, 4, 5, 6, 8])
    expect(real.rows.map(({ line }) => line)).toEqual([2, 3, 4, 5, 6, 8])
  })

  it('takes items of another queue, and none whose digest is not of its content', async () => {
    await withItems()
    const queue = sqliteQueue(path)
    const words = patterns({
      id: 'w',
      version: '1',
      patterns: [{ label: 'x', regex: /x/, maxCharacters: 1 }],
    })
    const policy = definePolicy({
      id: 'p',
      version: '1',
      input: {
        rules: [when(words, 'x').found().review({ mode: 'defer', withinMs: 600_000, otherwise: 'block' })],
        onError: 'block',
        onAbstain: 'block',
        budgetMs: 1_000,
      },
    })
    const guard = createGuard({ policy, queue })
    await guard.exchange({ messages: [{ role: 'user', content: 'x please' }] }).input()
    await queue.close()
    const exported = (await review('export', '--text')).stdout
    const as = (changes: object) => jsonLines([{ ...(JSON.parse(exported) as object), ...changes }])
    const forged = exported.replace('x please', 'y please').replace(/"key":"[^"]*"/, '"key":"forged"')
    const settled = as({ key: 'settled', state: 'rejected' })
    const late = as({ key: 'late', deadlineAt: 1, otherwise: 'allow' })
    const soon = as({ otherwise: 'allow', deadlineAt: Date.now() + 500_000 })

    await withItems()
    await sqliteQueue(path).count()
    const result = await review(
      'import',
      file('items.jsonl', soon + exported + forged + settled + late),
      '--json',
    )

    expect(JSON.parse(result.stdout)).toMatchObject({ items: 2, stricter: 1, refused: 3 })
    // Whoever wrote the file lets nothing through by waiting.
    const { items } = await json<{ items: { id: string }[] }>('list')
    expect(items).toMatchObject([{ otherwise: 'block' }])
    expect(await json('show', items[0]?.id ?? '')).toMatchObject({
      content: { messages: [{ parts: [{ text: 'x please' }] }] },
    })
    await guard.close()
  })
})

describe('parapet review doctor and migrate', () => {
  it('say that all is well', async () => {
    await withItems(newItem())

    const doctor = await review('doctor')
    const migrate = await json('migrate', '--dry-run')

    expect(doctor).toMatchObject({ status: 0 })
    expect(doctor.stdout).toMatch(/^log +ok +1 entries, whole$/m)
    expect(migrate).toEqual({ from: 3, to: 3, steps: [] })
  })

  it('find a column that was changed behind the queue’s back', async () => {
    const [id = ''] = await withItems(newItem())
    const database = new DatabaseSync(path)
    database.exec(`UPDATE review_item SET team = 'eve' WHERE id = '${id}'`)
    database.close()

    const { status, stdout } = await review('doctor')

    expect(status).toBe(1)
    expect(stdout).toMatch(/^columns +LOOK +1 items/m)
  })
})

describe('parapet erase', () => {
  it('refuses --vacuum for a file, which needs none, and erases nothing', async () => {
    const [id = ''] = await withItems(newItem())

    const refused = await callParapet([
      'erase',
      '--subject',
      'one',
      '--tenant',
      'acme',
      '--queue',
      path,
      '--vacuum',
    ])

    expect(refused).toMatchObject({ status: 2 })
    expect(refused.stderr).toContain('PostgreSQL')
    expect(await json('show', id)).not.toHaveProperty('erasedAt')
  })

  it('says what is left where another process keeps the text in the log', async () => {
    await withItems(newItem())
    // Another process, since a process that closes a file loses its locks on it.
    const script = `const database = new (require('node:sqlite').DatabaseSync)(process.argv[1])
      database.exec('BEGIN')
      database.prepare('SELECT count(*) FROM review_item').get()
      console.log('reading')
      process.stdin.resume()`
    const reader = spawn(process.execPath, ['-e', script, path], { stdio: ['pipe', 'pipe', 'ignore'] })
    const ended = once(reader, 'exit')
    await once(reader.stdout, 'data')
    const erase = () =>
      callParapet(['erase', '--subject', 'one', '--tenant', 'acme', '--queue', path, '--wait', '1'])

    const held = await erase()
    reader.kill()
    await ended
    const again = await erase()

    expect(held).toMatchObject({ status: 1, stdout: '1 item of tenant acme lost their text.\n' })
    expect(held.stderr).toMatch(/still stands in the write-ahead log/)
    expect(again).toMatchObject({
      status: 0,
      stdout: '0 items of tenant acme lost their text.\n',
      stderr: '',
    })
  })

  it('says of which tenant, since one that has no such person is no failure', async () => {
    await withItems(newItem())
    const erase = (...more: string[]) => callParapet(['erase', '--subject', 'one', '--queue', path, ...more])

    const bare = await erase()
    const wrong = await erase('--tenant', 'globex', '--json')

    expect(bare).toMatchObject({ status: 0, stdout: '0 items of tenant default lost their text.\n' })
    expect(JSON.parse(wrong.stdout)).toMatchObject({ tenant: 'globex', erased: 0 })
  })

  it('takes one person’s text, and leaves the log whole', async () => {
    const [mine = ''] = await withItems(
      newItem(),
      newItem({ subjectKey: 'two' }),
      newItem({ tenant: 'globex' }),
    )

    const erased = await callParapet(['erase', '--subject', 'one', '--tenant', 'acme', '--queue', path])
    const verified = await review('verify')

    expect(erased).toMatchObject({ status: 0, stdout: '1 item of tenant acme lost their text.\n' })
    expect(await json('show', mine)).toMatchObject({ state: 'rejected', content: { messages: [] } })
    expect((await json<{ items: unknown[] }>('list')).items).toHaveLength(2)
    expect(verified.status).toBe(0)
    expect(readFileSync(path).includes(`canary of ${mine}`)).toBe(false)
  })
})

afterEach(() => {
  path = ''
})
