import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { templateDigest, writeSafetensors } from '@parapet/detectors/direction'
import { openModelFolder } from '@parapet/runtime'
import { writeRefusingDecoder } from '@parapet/runtime/testing'
import { callParapet } from './call-parapet.ts'

const LONG_MS = 180_000
const CANARY = 'canary-7d1e'
const THINGS = ['roses', 'letters', 'gates', 'bread', 'songs', 'kites', 'soup', 'tents', 'lamps', CANARY]

let root: string
let model: string
const file = (name: string) => join(root, name)
const files = () => ['--harmful', file('harmful.jsonl'), '--harmless', file('harmless.jsonl')]

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'parapet-cli-prove-'))
  model = file('model')
  const { direction } = await writeRefusingDecoder(model)
  await writeDirection(direction)
  const lines = (texts: readonly string[]) => texts.map((text) => `${JSON.stringify({ text })}\n`).join('')
  await writeFile(
    file('harmful.jsonl'),
    lines(THINGS.map((thing) => `TELL ME ABOUT ${thing.toUpperCase()} AT ONCE`)),
  )
  await writeFile(
    file('harmless.jsonl'),
    lines(THINGS.map((thing) => `please say a word about ${thing} today`)),
  )
})
afterAll(() => rm(root, { recursive: true }))

/** The tiny model's direction file, with readings that say nothing. */
async function writeDirection(direction: Float32Array): Promise<void> {
  const folder = await openModelFolder(model, 'decoder')
  const { layers, hidden, id } = folder.manifest
  const sha256 = async (name: string) =>
    createHash('sha256')
      .update(await readFile(join(model, name)))
      .digest('hex')
  const place = { site: 'blocks.2.hook_resid_pre', position: 'last' }
  const reading = { sites: [place], transform: { dropDimensions: [], normalise: 'none' }, scale: 1, bias: 0 }
  const metadata = {
    schema: 'parapet.direction/1',
    id: 'tiny',
    version: '1',
    model: {
      id,
      sha256: await sha256('model.onnx'),
      tokenizerSha256: await sha256('tokenizer.json'),
      templateSha256: await templateDigest(folder),
      layers,
      hidden,
    },
    direction: place,
    readings: { harmfulness: reading, refusal: reading },
    combine: { harmfulness: 1, refusal: 1, bias: 0 },
    coverage: { languages: ['en'], maxTokens: 512 },
    evidence: { origin: 'planted' },
  }
  const row = { shape: [1, hidden], values: direction }
  const tensors = new Map([
    ['direction', { shape: [hidden], values: direction }],
    ['harmfulness.weight', row],
    ['refusal.weight', row],
  ])
  await writeFile(
    join(model, 'direction.safetensors'),
    writeSafetensors(tensors, new Map([['parapet', JSON.stringify(metadata)]])),
  )
}

describe('parapet prove', () => {
  it(
    'prints the rates as JSON, keeps the evidence in the run folder alone, and writes the chart',
    async () => {
      const [out, chart] = [file('run'), file('chart.svg')]

      const { status, stdout, stderr } = await callParapet([
        ...['prove', ...files(), '--model', model, '--max-tokens', '12'],
        ...['--out', out, '--chart', chart, '--json', '--min-drop', '.4', '--min-rise', '.4'],
      ])

      expect({ status, stderr }).toEqual({
        status: 0,
        stderr: expect.stringContaining('harmless prompts: 30 of 30'),
      })
      const proof = JSON.parse(stdout)
      expect(proof.refusalRate).toEqual({
        harmful: { base: 1, erased: 0, randomErased: expect.any(Number) },
        harmless: { base: 0, added: 1, randomAdded: expect.any(Number) },
      })
      expect(proof).toMatchObject({
        schema: 'parapet.proof/1',
        verdict: 'pass',
        direction: { origin: 'planted' },
      })
      expect(proof.tallies[0]).toMatchObject({
        kind: 'harmful',
        condition: 'base',
        n: 10,
        refused: { hits: 10, high: 1 },
      })
      expect(await readFile(chart, 'utf8')).toMatch(/^<svg /)
      expect(`${stdout}${stderr}`.toLowerCase()).not.toContain(CANARY)
      expect((await readFile(join(out, 'answers.jsonl'), 'utf8')).toLowerCase()).toContain(CANARY)
    },
    LONG_MS,
  )

  it(
    'goes on where a run ended, prints a table and a chart, and says what to doubt',
    async () => {
      const { status, stdout } = await callParapet([
        ...['prove', ...files(), '--model', model, '--max-tokens', '12', '--out', file('run')],
      ])

      expect(status).toBe(0)
      expect(stdout).toContain('planted: trained into the model by tuning')
      expect(stdout).toMatch(/harmful +direction erased +10 +0\.000 +\[0\.000, 0\.278\]/)
      expect(stdout).toContain('██████')
      expect(stdout).toContain('! 10 prompts of a kind')
    },
    LONG_MS,
  )

  it(
    'is inconclusive, not passed, where the interval straddles the bar',
    async () => {
      const { status, stdout } = await callParapet([
        ...[
          'prove',
          ...files(),
          '--model',
          model,
          '--max-tokens',
          '12',
          '--out',
          file('run'),
          '--min-drop',
          '.9',
        ],
      ])

      expect(status).toBe(2)
      expect(stdout).toContain('verdict: inconclusive')
    },
    LONG_MS,
  )

  it.each([
    ['no files', [], 2, 'PARAPET_CLI_USAGE'],
    ['a form of erasure that is none', ['--erase', 'half'], 2, 'PARAPET_CLI_USAGE'],
    ['a chart of another kind', ['--chart', 'x.gif'], 2, 'PARAPET_CLI_USAGE'],
    ['a bar that is no share', ['--min-drop', '95'], 2, 'PARAPET_CLI_USAGE'],
    ['a chart where nothing can be written', ['--chart', '/none/x.svg'], 1, 'PARAPET_CLI_OUTPUT_FAILED'],
  ])('refuses %s before anything is run', async (name, args, wanted, code) => {
    const given = name === 'no files' ? [] : files()

    const { status, stderr, stdout } = await callParapet(['prove', ...given, '--model', model, ...args])

    expect({ status, stdout }).toEqual({ status: wanted, stdout: '' })
    expect(stderr).toContain(code)
  })
})
