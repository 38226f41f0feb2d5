import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { describe, expect, it } from '@jest/globals'
import { normalizeText } from '@parapet/sdk'
import { jsonLines, parseLines, runParapet, startParapet } from './run-parapet.ts'

/** Loading a model takes a while where few cores are free. */
const LONG_MS = 180_000
const MODELS = join(import.meta.dirname, '../../models')

interface Measured {
  readonly text: string
  readonly scores: Readonly<Record<string, number>>
  readonly flagged: readonly string[]
  readonly abstained?: string
}

interface Golden {
  readonly tolerance: number
  readonly inputs: readonly {
    readonly detector: string
    readonly text?: string
    readonly scores: Readonly<Record<string, number>>
  }[]
}

interface CalibrationFile {
  readonly detectors: Readonly<
    Record<string, { readonly shipped: Readonly<Record<string, { readonly threshold: number }>> }>
  >
}

const json = <Value>(model: string, file: string) =>
  JSON.parse(readFileSync(join(MODELS, model, file), 'utf8')) as Value

function goldenOf(model: string, detector: string) {
  const { inputs, tolerance } = json<Golden>(model, 'golden.json')
  const texts = inputs.flatMap(({ detector: id, text, scores }) =>
    id === detector && text !== undefined ? [{ text, expected: scores }] : [],
  )
  const { shipped } = json<CalibrationFile>(model, 'calibration.json').detectors[detector] ?? { shipped: {} }
  return { texts, tolerance, shipped }
}

/** The recipes score a text as it is; a guard, and so the command, normalises it first. */
const isPlain = ({ text }: { readonly text: string }) => normalizeText(text).text === text

/** The model hosts that a call of the command started. Small images of Linux have no `ps`. */
function childrenOf(pid: number | undefined): number[] {
  const children = `/proc/${pid}/task/${pid}/children`
  if (existsSync(children)) return readFileSync(children, 'utf8').trim().split(' ').map(Number)
  const listed = execFileSync('ps', ['-eo', 'pid=,ppid='], { encoding: 'utf8' })
  return listed
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .flatMap(([child, parent]) => (child !== undefined && parent === pid ? [child] : []))
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

describe.each([
  ['toxicity', 'encoder'],
  ['sentiment', 'encoder'],
  ['attack', 'encoder'],
  ['harm', 'encoder'],
  ['refusal', 'encoder'],
  ['refusal-direction', 'sentinel'],
])('parapet measure %s', (detector, model) => {
  const { texts, tolerance, shipped } = goldenOf(model, detector)

  it(
    'gives the golden scores, flags at the shipped thresholds, and is the same to the byte side by side',
    async () => {
      const input = jsonLines(texts)

      const alone = await runParapet(['measure', detector], { input })
      const together = await runParapet(['measure', detector, '--concurrency', '8'], { input })

      expect(alone).toMatchObject({ status: 0, stderr: '' })
      const withoutMs = (text: string) => text.replace(/"ms":[\d.]+/g, '"ms":0')
      expect(withoutMs(together.stdout)).toBe(withoutMs(alone.stdout))
      const measured = parseLines<Measured>(alone.stdout)
      expect(measured).toHaveLength(texts.length)
      expect(texts.filter(isPlain).length).toBeGreaterThanOrEqual(25)
      for (const [index, { text, scores, flagged }] of measured.entries()) {
        const golden = isPlain({ text }) ? texts[index]?.expected : {}
        for (const [label, score] of Object.entries(golden ?? {}))
          expect(Math.abs((scores[label] ?? Number.NaN) - score)).toBeLessThanOrEqual(tolerance)
        const over = Object.keys(scores).filter(
          (label) => (scores[label] ?? 0) >= (shipped[label]?.threshold ?? Number.POSITIVE_INFINITY),
        )
        expect(flagged).toEqual(over)
      }
    },
    LONG_MS,
  )
})

describe('parapet measure, with a model', () => {
  it(
    'abstains from a language that it was not calibrated for, with the scores it would give',
    async () => {
      const lines = [
        {
          text: 'Guten Tag, ich möchte bitte wissen, wann mein Paket endlich bei mir ankommt und was das kostet.',
        },
        { text: 'Good morning, I would like to know when my parcel arrives and what it costs.' },
      ]

      const { status, stdout } = await runParapet(['measure', 'toxicity'], { input: jsonLines(lines) })

      const [german, english] = parseLines<Measured>(stdout)
      expect(status).toBe(0)
      expect(german).toMatchObject({ abstained: 'language', scores: { toxic: expect.any(Number) } })
      expect(english).toMatchObject({ scores: { toxic: expect.any(Number) } })
      expect(english).not.toHaveProperty('abstained')
    },
    LONG_MS,
  )

  it(
    'gives a line the time it may take, and fails it by its code',
    async () => {
      const text = 'The parcel was sent on Monday and has not arrived yet. '.repeat(80)

      const { status, stdout, stderr } = await runParapet(
        ['measure', 'refusal-direction', '--timeout-ms', '1'],
        {
          input: jsonLines([{ id: 1, text }]),
        },
      )

      expect(status).toBe(1)
      expect(parseLines(stdout)).toEqual([
        { id: 1, text, failed: 'PARAPET_DETECTOR_TIMEOUT', ms: expect.any(Number) },
      ])
      expect(stderr).toContain('PARAPET_DETECTOR_TIMEOUT (1)')
    },
    LONG_MS,
  )

  it(
    'fails a line whose model host is killed, and answers the next one',
    async () => {
      const text = 'The parcel was sent on Monday and has not arrived yet. '.repeat(100)
      const child = startParapet(['measure', 'refusal-direction'])
      const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
      const answer = async () => JSON.parse((await answers.next()).value as string) as unknown
      child.stdin.write(jsonLines([{ text: 'Is it open on Sunday?' }]))
      expect(await answer()).toMatchObject({ scores: { harmful: expect.any(Number) } })

      child.stdin.write(jsonLines([{ text }]))
      // The pass takes hundreds of milliseconds: it is under way when the host is killed.
      await new Promise((resolve) => setTimeout(resolve, 60))
      const hosts = childrenOf(child.pid)
      expect(hosts).toHaveLength(1)
      for (const host of hosts) process.kill(host, 'SIGKILL')

      expect(await answer()).toMatchObject({ failed: 'PARAPET_RUNTIME_HOST_CRASHED' })
      child.stdin.write(jsonLines([{ text: 'Is it open on Monday?' }]))
      expect(await answer()).toMatchObject({ scores: { harmful: expect.any(Number) } })
      child.stdin.end()
      expect(await once(child, 'close')).toEqual([1, null])
    },
    LONG_MS,
  )

  it(
    'ends at Ctrl-C without a word, and its model host with it',
    async () => {
      const child = startParapet(['measure', 'toxicity'])
      const stderr = child.stderr.toArray()
      child.stdin.write(jsonLines([{ text: 'Is it open on Sunday?' }]))
      await once(child.stdout, 'data')
      const hosts = childrenOf(child.pid)

      child.kill('SIGINT')

      expect(await once(child, 'close')).toEqual([null, 'SIGINT'])
      expect(Buffer.concat(await stderr).toString()).toBe('')
      expect(hosts).toHaveLength(1)
      await expect(
        (async () => {
          while (hosts.some(isAlive)) await new Promise((resolve) => setTimeout(resolve, 20))
          return 'gone'
        })(),
      ).resolves.toBe('gone')
    },
    LONG_MS,
  )
})
