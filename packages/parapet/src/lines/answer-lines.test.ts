import { Readable, Writable } from 'node:stream'
import { describe, expect, it } from '@jest/globals'
import { answerLines, type LineWork } from './answer-lines.ts'

function sink(): { readonly stream: Writable; text(): string } {
  let text = ''
  const stream = new Writable({
    highWaterMark: 16,
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString()
      setImmediate(done)
    },
  })
  return { stream, text: () => text }
}

async function run(lines: readonly string[], work: Partial<LineWork> = {}) {
  const stdout = sink()
  const stderr = sink()
  const streams = { stdin: Readable.from([]), stdout: stdout.stream, stderr: stderr.stream }
  const input = Readable.from([Buffer.from(lines.join('\n'))])
  const status = await answerLines(input, streams, {
    concurrency: 3,
    own: ['scores', 'failed'],
    answer: async ({ fields, text }) => ({ ...fields, scores: { length: text.length } }),
    ...work,
  })
  const out = stdout.text().split('\n').slice(0, -1)
  return { status, out: out.map((line) => JSON.parse(line) as unknown), errors: stderr.text() }
}

describe('answerLines', () => {
  it('answers each line in its place', async () => {
    const { status, out, errors } = await run(['{"text":"a","id":1}', '{"text":"bb","id":2}'])

    expect(status).toBe(0)
    expect(errors).toBe('')
    expect(out).toEqual([
      { text: 'a', id: 1, scores: { length: 1 } },
      { text: 'bb', id: 2, scores: { length: 2 } },
    ])
  })

  it('answers a line that is no request too, and says why beside the output', async () => {
    const { status, out, errors } = await run(['{"text":"a"}', 'canary', '{"text":"b"}'])

    expect(status).toBe(1)
    expect(out).toEqual([
      { text: 'a', scores: { length: 1 } },
      { failed: 'PARAPET_CLI_LINE_INVALID' },
      { text: 'b', scores: { length: 1 } },
    ])
    expect(errors).toContain('PARAPET_CLI_LINE_INVALID: Line 2')
    expect(errors).toContain('PARAPET_CLI_LINES_FAILED: 1 of 3')
    expect(errors).not.toContain('canary')
  })

  it('explains the first few of many malformed lines, and counts them all', async () => {
    const { errors } = await run(Array.from({ length: 100 }, () => '['))

    expect(errors.match(/is not a request/g)).toHaveLength(5)
    expect(errors).toContain('PARAPET_CLI_LINES_FAILED: 100 of 100')
  })

  it('leaves out what an input line has of the answer’s own fields', async () => {
    const { out } = await run(['{"text":"a","scores":9,"failed":"x"}', '{"id":1,"scores":9}'])

    expect(out).toEqual([
      { text: 'a', scores: { length: 1 } },
      { id: 1, failed: 'PARAPET_CLI_LINE_INVALID' },
    ])
  })

  it('counts the codes of lines that failed', async () => {
    const { status, errors } = await run(['{"text":"a"}', '{"text":"b"}'], {
      answer: async ({ fields }) => ({ ...fields, failed: 'PARAPET_X_Y' }),
    })

    expect(status).toBe(1)
    expect(errors).toContain('PARAPET_X_Y (2)')
  })
})
