import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { arbitraryDecision } from '../testing/arbitrary-decision.ts'
import { SEED } from '../testing/seed.ts'
import { memorySink } from './memory-sink.ts'
import { type ReadLine, readRecords } from './read-record.ts'
import { recordLines } from './record-lines.ts'
import { recordJsonSchema } from './record-schema.ts'

async function all(sources: Parameters<typeof readRecords>[0]): Promise<ReadLine[]> {
  const lines: ReadLine[] = []
  for await (const line of readRecords(sources)) lines.push(line)
  return lines
}

async function oneLine(): Promise<string> {
  const sink = memorySink()
  const [sample] = fc.sample(arbitraryDecision, { numRuns: 1, seed: 3 })
  if (sample) await sink.append(sample.body)
  return sink.lines[0] as string
}

function file(content: string | Buffer): string {
  const path = join(mkdtempSync(join(tmpdir(), 'parapet-read-')), 'audit.jsonl')
  writeFileSync(path, content)
  return path
}

describe('readRecords', () => {
  it('reads every body back as it was appended', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(arbitraryDecision, { maxLength: 3 }), async (decisions) => {
        const sink = memorySink()
        for (const { body } of decisions) await sink.append(body)
        const records = await all(recordLines(sink.lines))

        expect(records).toMatchObject(
          decisions.map(({ body }) => ({ record: JSON.parse(JSON.stringify(body)) })),
        )
      }),
      { seed: SEED },
    )
  })

  it('gives the same lines from a file, wherever its chunks end', async () => {
    const line = await oneLine()
    const padded = Array.from({ length: 400 }, (_, index) => line + ' '.repeat(index)).join('\n')
    const lines = await all(file(padded))

    expect(lines).toHaveLength(400)
    expect(
      lines.every((read, index) => 'record' in read && read.length === Buffer.byteLength(line) + index),
    ).toBe(true)
    expect(lines.map((read) => read.line)).toEqual(lines.map((_, index) => index + 1))
  })

  it.each<[string, (line: string) => string | Buffer, string]>([
    ['is not JSON', () => 'hello', 'NOT_JSON'],
    ['is an array', () => '[1]', 'NOT_JSON'],
    ['is not UTF-8', () => Buffer.from([0x7b, 0xff, 0xfe, 0x7d]), 'NOT_JSON'],
    ['has a byte order mark', (line) => `\ufeff${line}`, 'NOT_JSON'],
    ['is cut off', (line) => line.slice(0, -20), 'TRUNCATED'],
    ['is cut off within its first bytes', () => '{"a', 'TRUNCATED'],
    ['is zeros', () => Buffer.alloc(100), 'TRUNCATED'],
    ['has an unknown field', (line) => line.replace('{"at"', '{"about":"canary-4711","at"'), 'INVALID'],
    ['has a score out of range', (line) => line.replace(/"elapsedMs":2,/, '"elapsedMs":-2,'), 'INVALID'],
    [
      'hides a member of a prototype',
      (line) => line.replace('"thresholds":{', '"thresholds":{"__proto__":"canary-4711",'),
      'INVALID',
    ],
    ['has a newer schema', (line) => line.replace('parapet.record/1', 'parapet.record/2'), 'VERSION'],
    ['has no schema', () => '{"canary-4711":1}', 'INVALID'],
  ])('says what is wrong with a line that %s, and nothing of what is in it', async (_name, change, code) => {
    const good = await oneLine()
    const content = Buffer.concat([good, '\n', change(good), '\n', good].map((piece) => Buffer.from(piece)))
    const [before, broken, after] = await all(file(content))

    expect(broken).toMatchObject({ line: 2, fault: { code: `PARAPET_RECORD_LINE_${code}` } })
    expect(JSON.stringify((broken as { fault: unknown }).fault)).not.toContain('canary')
    for (const whole of [before, after]) expect(whole).toHaveProperty('record')
  })

  it('counts a line of 10 MB and keeps none of it', async () => {
    const good = await oneLine()
    const path = file(
      Buffer.concat([Buffer.from(`${good}\n`), Buffer.alloc(10_000_000, 0x61), Buffer.from(`\n${good}`)]),
    )
    const [, long, after] = await all(path)

    expect(long).toMatchObject({
      bytes: undefined,
      length: 10_000_000,
      fault: { code: 'PARAPET_RECORD_LINE_TOO_LONG' },
    })
    expect(after).toHaveProperty('record')
    expect((await all(recordLines(['a'.repeat(10_000_000)])))[0]).toMatchObject({ bytes: undefined })
  })

  it('says which file cannot be read', async () => {
    await expect(all('/nowhere/audit.jsonl')).rejects.toMatchObject({
      code: 'PARAPET_RECORD_READ_FAILED',
      message: expect.stringContaining('/nowhere/audit.jsonl'),
    })
  })
})

describe('recordJsonSchema', () => {
  it('refuses unknown fields at every level', () => {
    const objects: { properties?: object; additionalProperties?: unknown }[] = []
    JSON.stringify(recordJsonSchema(), (_key, value) => {
      if (value?.properties) objects.push(value)
      return value
    })

    expect(objects.length).toBeGreaterThan(10)
    expect(objects.filter(({ additionalProperties }) => additionalProperties !== false)).toEqual([])
  })
})
