import { execFile, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { arbitraryDecision } from '../testing/arbitrary-decision.ts'
import type { DecisionRecord, RecordBody } from './decision-record.ts'
import { jsonLinesSink } from './json-lines-sink.ts'
import { recordKeys } from './record-keys.ts'
import { verifyRecords } from './verify.ts'

const BODIES = fc.sample(arbitraryDecision, { numRuns: 20, seed: 5 }).map(({ body }) => body)
const body = (id: number): RecordBody => {
  const template = BODIES[id % BODIES.length] as (typeof BODIES)[number]
  return { ...template, decision: { ...template.decision, id: `decision-${id}` } }
}
const newFolder = () => mkdtempSync(join(tmpdir(), 'parapet-records-'))
const newPath = () => join(newFolder(), 'audit.jsonl')
const read = (path: string): DecisionRecord[] =>
  readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .flatMap((line) => {
      try {
        return [JSON.parse(line) as DecisionRecord]
      } catch {
        return []
      }
    })
const idOf = (record: DecisionRecord) => (record.kind === 'decision' ? record.decision.id : record.kind)
const ofCode = (code: string) => expect.objectContaining({ code })

/** A program of its own that appends to argv[1] and prints the number of each decision once it is acknowledged. */
const APPENDER = `
  import { jsonLinesSink } from ${JSON.stringify(join(import.meta.dirname, 'json-lines-sink.ts'))}
  const [path, from, count, inFlight, padding] = process.argv.slice(1)
  const template = ${JSON.stringify(body(0))}
  const sink = jsonLinesSink({ path, fsync: 'interval' })
  const bodyOf = (id) => ({ ...template, decision: { ...template.decision, id: 'decision-' + id },
    parts: Array.from({ length: Number(padding) }, () => template.parts[0] ?? ${JSON.stringify(BODIES.flatMap(({ parts }) => parts)[0])}) })
  let next = Number(from)
  const end = next + Number(count)
  async function worker() {
    while (next < end) {
      const id = next++
      await sink.append(bodyOf(id)).then(() => process.stdout.write(id + '\\n'), (error) => process.stdout.write(error.code + '\\n'))
    }
  }
  await Promise.all(Array.from({ length: Number(inFlight) }, worker))
  await sink.close()
`
const appenderArguments = (path: string, from: number, count: number, inFlight: number, padding = 1) => [
  '--conditions=@parapet/source',
  '--input-type=module',
  '-e',
  APPENDER,
  ...[path, from, count, inFlight, padding].map(String),
]

describe('jsonLinesSink', () => {
  it('stores appends in the order of the calls, as one chain that verifies', async () => {
    const path = newPath()
    const sink = jsonLinesSink({ path })
    await Promise.all(Array.from({ length: 300 }, (_, id) => sink.append(body(id))))
    await sink.append(body(300))
    const records = read(path)

    expect(records.map(idOf)).toEqual(Array.from({ length: 301 }, (_, id) => `decision-${id}`))
    expect(records.map(({ sequence }) => sequence)).toEqual(records.map((_, index) => index))
    expect(sink.head()).toEqual({ writer: sink.writer, sequence: 300, hash: records.at(-1)?.hash })
    expect(await verifyRecords(path)).toMatchObject({ ok: true, records: 301, heads: [sink.head()] })
    expect(statSync(path).mode & 0o777).toBe(0o600)
    await sink.close()
  })

  it('takes a body as it is when it is appended', async () => {
    const path = newPath()
    const sink = jsonLinesSink({ path })
    const given = structuredClone(body(1)) as { tenant: string }
    const stored = sink.append(given as unknown as RecordBody)
    given.tenant = 'changed-later'
    await stored
    await sink.close()

    expect(read(path)[0]).toMatchObject({ tenant: 'default' })
  })

  it.each(['always', 'interval'] as const)(
    'has the record in the file when the append resolves (fsync %s)',
    async (fsync) => {
      const path = newPath()
      const sink = jsonLinesSink({ path, fsync, fsyncIntervalMs: 10 })
      for (let id = 0; id < 5; id++) {
        await sink.append(body(id))
        expect(read(path).map(idOf)).toContain(`decision-${id}`)
      }
      await sink.close()
      expect(await verifyRecords(path)).toMatchObject({ ok: true, records: 5 })
    },
  )

  it('goes on in numbered files, and the chain with it', async () => {
    const path = newPath()
    const sink = jsonLinesSink({ path, maxBytes: 4_096 })
    for (let id = 0; id < 20; id++) await sink.append(body(id))
    await sink.close()
    const next = jsonLinesSink({ path, maxBytes: 4_096 })
    await next.append(body(20))
    await next.close()
    const folder = join(path, '..')
    const files = readdirSync(folder).map((name) => join(folder, name))

    expect(files.length).toBeGreaterThan(3)
    expect(readdirSync(folder)).toContain('audit.000001.jsonl')
    for (const order of [files, files.toReversed()])
      expect(await verifyRecords(order)).toMatchObject({ ok: true, records: 21, broken: 0 })
  })

  it('gives each sink a file of its own in a directory', async () => {
    const directory = newFolder()
    const sinks = [jsonLinesSink({ directory }), jsonLinesSink({ directory })]
    await Promise.all(sinks.flatMap((sink) => [sink.append(body(1)), sink.append(body(2))]))
    await Promise.all(sinks.map((sink) => sink.close()))
    const files = readdirSync(directory)

    expect(files).toHaveLength(2)
    for (const sink of sinks) expect(files.filter((name) => name.includes(sink.writer))).toHaveLength(1)
  })

  it('makes the file anew when it was deleted, instead of writing where nobody looks', async () => {
    const path = newPath()
    const sink = jsonLinesSink({ path })
    await sink.append(body(0))
    unlinkSync(path)
    await sink.append(body(1))
    await sink.close()

    expect(read(path).map(idOf)).toEqual(['decision-1'])
  })

  it('lets processes share a file: every acknowledged record is there and every chain is whole', async () => {
    const path = newPath()
    const runs = [0, 1, 2].map((index) =>
      promisify(execFile)(process.execPath, appenderArguments(path, index * 1_000, 120, 8)),
    )
    const acknowledged = (await Promise.all(runs)).flatMap(({ stdout }) => stdout.trim().split('\n'))

    expect(acknowledged).toHaveLength(360)
    expect(new Set(read(path).map(idOf))).toEqual(new Set(acknowledged.map((id) => `decision-${id}`)))
    expect(await verifyRecords(path)).toMatchObject({ ok: true, records: 360 })
  })

  it('loses nothing acknowledged when its process is killed in mid-write', async () => {
    const path = newPath()
    const acknowledged: string[] = []
    for (let round = 0; round < 3; round++) {
      const child = spawn(process.execPath, appenderArguments(path, round * 100_000, 100_000, 64, 40))
      let text = ''
      child.stdout.on('data', (data) => {
        text += data
        if (text.length > 300) child.kill('SIGKILL')
      })
      await new Promise((resolve) => child.on('close', resolve))
      acknowledged.push(...text.slice(0, text.lastIndexOf('\n')).split('\n'))
    }
    const sink = jsonLinesSink({ path })
    await sink.append(body(7))
    await sink.close()
    const stored = new Set(read(path).map(idOf))

    expect(acknowledged.length).toBeGreaterThan(100)
    expect(acknowledged.filter((id) => !stored.has(`decision-${id}`))).toEqual([])
    expect(await verifyRecords(path)).toMatchObject({ ok: true, broken: 0 })
  })

  it('never joins a new record to an incomplete line, and accounts for the line', async () => {
    const path = newPath()
    const first = jsonLinesSink({ path })
    await first.append(body(0))
    await first.close()
    const torn = `{"at":12,"decision":{"canary`
    appendFileSync(path, torn)
    expect(await verifyRecords(path)).toMatchObject({ ok: false, breaks: [{ kind: 'truncated', line: 2 }] })

    const second = jsonLinesSink({ path })
    await second.append(body(1))
    await second.append(body(2))
    await second.close()
    const lines = readFileSync(path, 'utf8').split('\n')

    expect(lines[1]).toBe(torn)
    expect(read(path).map(idOf)).toEqual(['decision-0', 'torn-line', 'decision-1', 'decision-2'])
    expect(read(path)[1]).toMatchObject({
      bytes: torn.length,
      digest: `sha256:${createHash('sha256').update(torn).digest('hex')}`,
    })
    expect(await verifyRecords(path)).toMatchObject({ ok: true, torn: 1, records: 4 })
  })

  it('says that the disk is full, and works again once there is room', async () => {
    const path = newPath()
    symlinkSync('/dev/full', path)
    const sink = jsonLinesSink({ path })
    const failed = await Promise.allSettled([sink.append(body(0)), sink.append(body(1))])
    unlinkSync(path)
    await sink.append(body(2))
    await sink.close()

    for (const result of failed)
      expect(result).toMatchObject({
        status: 'rejected',
        reason: {
          code: 'PARAPET_RECORD_DISK_FULL',
          retryable: true,
          message: expect.stringContaining('ENOSPC'),
        },
      })
    expect(read(path).map((record) => [idOf(record), record.sequence])).toEqual([['decision-2', 0]])
    expect(await verifyRecords(path)).toMatchObject({ ok: true })
  })

  it('keeps what it acknowledged when the disk fills in the middle of a batch', async () => {
    const path = newPath()
    // A limit on the size of files cuts a write short just as a full disk does; the signal must not end the process.
    const limited = ['-c', 'trap "" XFSZ; ulimit -f 64; exec "$0" "$@"', process.execPath]
    const { stdout } = await promisify(execFile)('bash', [...limited, ...appenderArguments(path, 0, 200, 32)])
    const answers = stdout.trim().split('\n')
    const acknowledged = answers.filter((answer) => /^\d+$/.test(answer)).map((id) => `decision-${id}`)
    expect(readFileSync(path, 'utf8').endsWith('\n')).toBe(false)
    const sink = jsonLinesSink({ path })
    await sink.append(body(1_000))
    await sink.close()

    expect(new Set(answers)).toContain('PARAPET_RECORD_DISK_FULL')
    expect(acknowledged.length).toBeGreaterThan(5)
    expect(read(path).map(idOf)).toEqual([...acknowledged, 'torn-line', 'decision-1000'])
    expect(await verifyRecords(path)).toMatchObject({ ok: true, torn: 1 })
  })

  it('says when it may not write, or cannot', async () => {
    const folder = newFolder()
    mkdirSync(join(folder, 'audit.jsonl'))
    const onFolder = jsonLinesSink({ path: join(folder, 'audit.jsonl') })
    await expect(onFolder.append(body(0))).rejects.toEqual(ofCode('PARAPET_RECORD_WRITE_FAILED'))
    const inProc = jsonLinesSink({ path: '/proc/self/audit.jsonl' })
    await expect(inProc.append(body(0))).rejects.toEqual(
      expect.objectContaining({ code: expect.stringMatching(/^PARAPET_RECORD_(WRITE_FAILED|READ_ONLY)$/) }),
    )
    await onFolder.close()
    await inProc.close()
  })

  it('refuses more than may wait in memory, and stores what it took', async () => {
    const path = newPath()
    const sink = jsonLinesSink({ path, maxPending: 10 })
    const results = await Promise.allSettled(Array.from({ length: 25 }, (_, id) => sink.append(body(id))))
    await sink.close()

    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(10)
    expect(results[24]).toMatchObject({ reason: { code: 'PARAPET_RECORD_BACKLOG', retryable: true } })
    expect(read(path)).toHaveLength(10)
  })

  it('refuses what is no record, keeps text out, and stays usable', async () => {
    const path = newPath()
    const sink = jsonLinesSink({ path })
    const canary = 'canary-4711'
    const good = structuredClone(BODIES.find(({ parts }) => parts.length > 0)) as (typeof BODIES)[number]
    const broken: unknown[] = [
      { ...good, text: canary },
      { ...good, parts: [{ ...good.parts[0], text: canary }] },
      { ...good, decision: { ...good.decision, [canary]: 1 } },
      { ...good, parts: [{ ...good.parts[0], fault: `Error: ${canary}` }] },
      { ...good, thresholds: { [canary]: Number.NaN } },
      { ...good, tenant: `${canary}\ud800` },
      { ...good, binding: JSON.parse(`{"__proto__":"${canary}"}`) },
      { ...good, thresholds: JSON.parse(`{"__proto__":"${canary}"}`) },
      null,
      'text',
    ]
    for (const value of broken) {
      const error = await sink.append(value as RecordBody).catch((caught: unknown) => caught as Error)
      expect(error).toEqual(ofCode('PARAPET_RECORD_INVALID'))
      expect(String(error)).not.toContain(canary)
    }
    await sink.append(body(1))
    await sink.close()

    expect(readFileSync(path, 'utf8')).not.toContain(canary)
    expect(await verifyRecords(path)).toMatchObject({ ok: true, records: 1 })
  })

  it('refuses a record that could not be read back', async () => {
    const sink = jsonLinesSink({ path: newPath() })
    const template = body(0) as (typeof BODIES)[number]
    const [part] = BODIES.flatMap(({ parts }) => parts)
    const scores = Object.fromEntries(
      Array.from({ length: 300 }, (_, index) => [`${index}`.padEnd(290, 'x'), 0.5]),
    )
    const wide = { ...part, outcomes: { alpha: { kind: 'scored', scores } } } as NonNullable<typeof part>
    for (const parts of [new Array(100).fill(wide), new Array(1_000_000)])
      await expect(sink.append({ ...template, parts })).rejects.toEqual(ofCode('PARAPET_RECORD_TOO_LARGE'))
    await sink.close()
  })

  it('stores what was appended before it is closed, and refuses what comes after', async () => {
    const path = newPath()
    const sink = jsonLinesSink({ path, keys: recordKeys({ current: { id: 'k', key: new Uint8Array(32) } }) })
    const before = sink.append(body(0))
    await sink.close()
    await before

    await expect(sink.append(body(1))).rejects.toEqual(ofCode('PARAPET_RECORD_CLOSED'))
    expect(read(path)).toHaveLength(1)
  })

  it.each([
    [{}, 'either path or directory'],
    [{ path: 'a', directory: 'b' }, 'either path or directory'],
    [{ path: 'a', maxBytes: 10 }, 'maxBytes'],
    [{ path: 'a', fsync: 'never' }, 'fsync'],
    [{ path: 'a', maxByte: 10_000 }, 'maxByte'],
  ])('refuses wrong options when it is made (%#)', (options, named) => {
    expect(() => jsonLinesSink(options as never)).toThrow(ofCode('PARAPET_RECORD_OPTIONS_INVALID'))
    expect(() => jsonLinesSink(options as never)).toThrow(named)
  })

  it('opens no file before the first append', async () => {
    const path = newPath()
    await jsonLinesSink({ path }).close()
    writeFileSync(join(path, '..', 'other.txt'), '')

    expect(readdirSync(join(path, '..'))).toEqual(['other.txt'])
  })
})
