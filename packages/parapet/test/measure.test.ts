import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { describe, expect, it } from '@jest/globals'
import { callParapet } from './call-parapet.ts'
import { jsonLines, parseLines, runParapet, startParapet } from './run-parapet.ts'

const ORDERS = ['--options', '{"patterns":[{"label":"order","regex":"/ORD-\\\\d+/","maxCharacters":20}]}']

describe('parapet measure', () => {
  it('writes a line for each line, in order, with its fields, scores, flags and milliseconds', async () => {
    const lines = [
      { id: 12, text: 'ship ORD-7', expected: ['order'] },
      { text: 'nothing', scores: 'old', flagged: 'old', abstained: 'old', ms: 'old' },
    ]

    const { status, stdout, stderr } = await runParapet(['measure', 'patterns', ...ORDERS], {
      input: jsonLines(lines),
    })

    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(parseLines(stdout)).toEqual([
      { ...lines[0], scores: { order: 1 }, flagged: ['order'], ms: expect.any(Number) },
      { text: 'nothing', scores: { order: 0 }, flagged: [], ms: expect.any(Number) },
    ])
  })

  it('measures the last message, and passes a response through', async () => {
    const line = {
      messages: [
        { role: 'user', content: 'ship ORD-7' },
        { role: 'assistant', content: 'It is on its way.' },
      ],
      response: 'ORD-8',
    }

    const { stdout } = await runParapet(['measure', 'patterns', ...ORDERS], { input: jsonLines([line]) })

    expect(parseLines(stdout)).toEqual([
      { ...line, scores: { order: 0 }, flagged: [], ms: expect.any(Number) },
    ])
  })

  it('answers malformed lines in their place, with their fields, and ends with 1', async () => {
    const input = `{"text":"a"}\ncanary\n{"id":3}\n{"text":"b"}`

    const { status, stdout, stderr } = await runParapet(['measure', 'patterns', ...ORDERS], { input })

    expect(status).toBe(1)
    expect(parseLines(stdout)).toEqual([
      expect.objectContaining({ text: 'a', flagged: [] }),
      { failed: 'PARAPET_CLI_LINE_INVALID' },
      { id: 3, failed: 'PARAPET_CLI_LINE_INVALID' },
      expect.objectContaining({ text: 'b', flagged: [] }),
    ])
    expect(stderr).toMatch(/Line 2 .*\n.*Line 3 .*\n.*2 of 4/)
    expect(stderr).not.toContain('canary')
  })

  it('abstains from a line that is longer than its detector reads, and goes on', async () => {
    const long = { text: 'ORD-1 '.repeat(1_700_000) }

    const { status, stdout } = await runParapet(['measure', 'patterns', ...ORDERS], {
      input: jsonLines([long, { text: 'ORD-2' }]),
    })

    expect(status).toBe(0)
    const [first, second] = parseLines(stdout)
    expect(first?.['text']).toBe(long.text)
    expect(first).toMatchObject({ scores: { order: 1 }, flagged: ['order'], abstained: 'length' })
    expect(second).toMatchObject({ scores: { order: 1 }, flagged: ['order'] })
  })

  it('holds no more than a few lines, however many there are', async () => {
    const lines = 60_000
    const line = `${JSON.stringify({ text: `ORD-7 ${'x'.repeat(1_000)}` })}\n`
    function* input(): Generator<string> {
      for (let sent = 0; sent < lines; sent += 500) yield line.repeat(500)
    }

    // 60 MB of lines through a heap of 32 MB.
    const { status, stdout, stderr } = await runParapet(['measure', 'patterns', ...ORDERS], {
      input: input(),
      nodeArguments: ['--max-old-space-size=32'],
    })

    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout.match(/\n/g)).toHaveLength(lines)
  })

  it('answers a line before the next one is written', async () => {
    const child = startParapet(['measure', 'patterns', ...ORDERS, '--concurrency', '8'])
    const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]()

    for (const text of ['one', 'ORD-2']) {
      child.stdin.write(jsonLines([{ text }]))
      expect(JSON.parse((await answers.next()).value as string)).toMatchObject({ text })
    }
    child.stdin.end()

    expect(await once(child, 'close')).toEqual([0, null])
  })

  it.each([
    ['no detector', []],
    ['an unknown detector', ['toxicityy']],
    ['two detectors', ['toxicity', 'secrets']],
    ['options that are not JSON', ['toxicity', '--options', 'canary']],
    ['options that are no object', ['toxicity', '--options', '["canary"]']],
    ['an unknown stage', ['toxicity', '--stage', 'middle']],
    ['a concurrency out of range', ['toxicity', '--concurrency', '33']],
  ])('ends with 2 for %s', async (_, args) => {
    const { status, stdout, stderr } = await callParapet(['measure', ...args])

    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
    expect(stderr).toMatch(/^PARAPET_CLI_USAGE: /)
    expect(stderr).not.toContain('canary')
  })

  it.each([
    [
      'an option it does not have',
      ['secrets', '--options', '{"kind":["x"]}'],
      'PARAPET_DETECTOR_OPTION_INVALID',
    ],
    [
      'a pattern that is no expression',
      ['patterns', '--options', '{"patterns":[{"label":"a","regex":"/(/"}]}'],
      'PARAPET_CLI_PATTERN_INVALID',
    ],
    [
      'weights that are not installed',
      ['toxicity', '--options', '{"weights":"@parapet/model-none"}'],
      'PARAPET_MODEL_NOT_INSTALLED',
    ],
    ['an input that is not there', ['secrets', '--input', 'none.jsonl'], 'PARAPET_CLI_INPUT_MISSING'],
    ['an input that is a folder', ['secrets', '--input', import.meta.dirname], 'PARAPET_CLI_INPUT_MISSING'],
  ])('ends with 1 for %s, by its code', async (_, args, code) => {
    const { status, stdout, stderr } = await callParapet(['measure', ...args])

    expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
    expect(stderr).toMatch(new RegExp(`^${code}: `))
  })
})
