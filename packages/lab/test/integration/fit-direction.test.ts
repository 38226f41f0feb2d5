import { cp, mkdtemp, readdir, readFile, rm, unlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { refusalVector } from '@parapet/detectors'
import { checkDirection, parseDirectionFile } from '@parapet/detectors/direction'
import { type FitOptions, fitDirection, type Progress, promptSet } from '@parapet/lab'
import { createModelHost, openModelFolder } from '@parapet/runtime'
import { writeRefusingDecoder } from '@parapet/runtime/testing'
import { requests, shouted } from './requests.ts'

/** A run is some hundred passes: on a machine with other work that can take a while. */
jest.setTimeout(300_000)

let root: string
let planted: Float32Array
const host = createModelHost({ threads: 1, unresponsiveMs: 120_000 })

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'parapet-fit-'))
  planted = (await writeRefusingDecoder(join(root, 'model'))).direction
})
afterAll(async () => {
  await host.close()
  await rm(root, { recursive: true, force: true })
})

/** A run on the model that refuses capitals; each test changes something. */
const options = (changes: Partial<FitOptions> = {}): FitOptions => ({
  model: join(root, 'model'),
  harmful: promptSet(shouted),
  harmless: promptSet(requests),
  out: join(root, 'run'),
  train: 8,
  validation: 4,
  test: 4,
  answers: 8,
  answerTokens: 8,
  klBound: 1,
  controls: 4,
  shortlist: 4,
  positions: [-2, -1],
  host,
  ...changes,
})

function cosine(a: Float32Array, b: Float32Array): number {
  let [ab, aa, bb] = [0, 0, 0]
  a.forEach((value, i) => {
    const other = b[i] ?? Number.NaN
    ab += value * other
    aa += value * value
    bb += other * other
  })
  return ab / Math.sqrt(aa * bb)
}

describe('on a model whose refusals hang on one direction', () => {
  test('finds it, proves it on prompts put aside, and writes it', async () => {
    const reports: Progress[] = []

    const {
      file,
      metadata,
      direction,
      test: found,
    } = await fitDirection(options({ onProgress: (progress) => reports.push(progress) }))

    expect(cosine(direction, planted)).toBeGreaterThan(0.9)
    expect(metadata.direction.site).toMatch(/^blocks\.[23]\.hook_resid_pre$/)
    expect(found.refusal?.harmful.base.share).toBe(1)
    expect(found.refusal?.harmful.erased.share).toBe(0)
    expect(found.refusal?.harmful.randomErased.share).toBe(1)
    expect(found.refusal?.harmless.base.share).toBe(0)
    expect(found.refusal?.harmless.added.share).toBe(1)
    // In 32 dimensions a random vector of that length has its share along every axis: some draws refuse too.
    expect(found.refusal?.harmless.randomAdded.share).toBeLessThan(0.5)
    expect(found.readings.refusal.auroc).toBe(1)
    const written = parseDirectionFile(await readFile(file), 'refusing-decoder')
    expect([...written.direction]).toEqual([...direction])
    const shipped = await refusalVector(join(root, 'model'), { direction: file })
    expect([...shipped.vector]).toEqual([...direction])
    expect(metadata.direction.site).toBe(`blocks.${shipped.block}.hook_resid_pre`)
    expect(written.metadata.fit).toMatchObject({
      method: 'arditi',
      refusalTokens: { ids: ['I'.charCodeAt(0)], texts: { 73: 'I' }, found: 'answers' },
      bounds: { klBound: 1 },
    })
    expect(reports.map(({ stage }) => stage)).toEqual(
      reports.map(({ stage }) => stage).toSorted((a, b) => a - b),
    )
    expect(reports.at(-1)).toMatchObject({ stage: 8, stages: 8, remainingMs: 0 })
  })

  test('a run that was ended is taken up again, and comes to the same file', async () => {
    const whole = await readFile(join(root, 'run/direction.safetensors'))
    const resumed = join(root, 'resumed')
    const stop = new AbortController()
    const onProgress = ({ name, done }: Progress) => {
      if (name === 'candidates' && done === 2) stop.abort()
    }
    await expect(
      fitDirection(options({ out: resumed, onProgress, signal: stop.signal })),
    ).rejects.toMatchObject({
      code: 'PARAPET_RUNTIME_ABORTED',
    })
    expect(await readdir(resumed)).not.toContain('direction.safetensors')

    const { file } = await fitDirection(options({ out: resumed }))

    expect((await readFile(file)).equals(whole)).toBe(true)
  })

  test('another bound chooses again from what was measured', async () => {
    const place = join(root, 'bounded')
    await cp(join(root, 'run'), place, { recursive: true })
    const measured = await readFile(join(place, '6-candidates.jsonl'), 'utf8')

    await expect(fitDirection(options({ out: place, klBound: 1e-9 }))).rejects.toMatchObject({
      code: 'PARAPET_LAB_NOTHING_LEFT',
      message: expect.stringMatching(/by divergence.*The smallest divergence .* is [\d.]+ nats/),
    })
    const { metadata } = await fitDirection(options({ out: place, klBound: 2 }))

    expect(metadata.fit).toMatchObject({ bounds: { klBound: 2 } })
    expect(await readFile(join(place, '6-candidates.jsonl'), 'utf8')).toBe(measured)
  })

  test('cosmic finds it without asking for a refusal', async () => {
    const {
      direction,
      metadata,
      test: found,
    } = await fitDirection(options({ out: join(root, 'cosmic'), method: 'cosmic', shortlistBy: 'cosine' }))

    expect(cosine(direction, planted)).toBeGreaterThan(0.9)
    expect(metadata.fit).toMatchObject({ method: 'cosmic' })
    expect(found.refusal).toBeUndefined()
    expect(await readdir(join(root, 'cosmic'))).not.toContain('2-answers.jsonl')
  })
})

describe('prompts that do not fit into the context of 2048 tokens', () => {
  /** One that leaves no room for an answer, one that leaves none for itself; at whatever place of the run's order. */
  const long = (texts: readonly string[], every: number) =>
    promptSet(
      texts.map((text, n) => (n % every === 0 ? text.padEnd(n % 2 === 0 ? 2036 : 3000, ' GO') : text)),
    )

  test('are left out and counted, and a run that was ended in its test comes to the same', async () => {
    const prompts = { harmful: long(shouted, 3), harmless: long(requests, 3), test: 8, controls: 1 }
    const { test: whole } = await fitDirection(options({ ...prompts, out: join(root, 'long') }))
    const ended = join(root, 'long-ended')
    const stop = new AbortController()
    const onProgress = ({ name, done }: Progress) => {
      if (name === 'test' && done === 10) stop.abort()
    }
    await expect(
      fitDirection(options({ ...prompts, out: ended, onProgress, signal: stop.signal })),
    ).rejects.toMatchObject({ code: 'PARAPET_RUNTIME_ABORTED' })

    const { test: resumed } = await fitDirection(options({ ...prompts, out: ended }))

    expect(whole.tooLong).toBeGreaterThan(1)
    expect(whole.n.harmful + whole.n.harmless + whole.tooLong).toBe(16)
    expect(resumed).toEqual(whole)
  })

  test('do not stop cosmic from finding the tokens behind a request', async () => {
    const run = options({ out: join(root, 'tail'), method: 'cosmic', harmful: long(shouted, 2), train: 20 })
    const { positions: _, ...unnamed } = run

    const { metadata } = await fitDirection(unnamed)

    expect(metadata.direction.site).toMatch(/hook_resid_pre$/)
  })

  test('leave too few for a mean where hardly one fits', async () => {
    const run = options({ out: join(root, 'all-long'), method: 'cosmic', harmful: long(shouted, 1) })

    await expect(fitDirection(run)).rejects.toMatchObject({ code: 'PARAPET_LAB_PROMPTS_FEW' })
  })
})

describe('what cannot be fitted is an error that says why', () => {
  test('a run folder of another configuration', async () => {
    await expect(fitDirection(options({ seed: 7 }))).rejects.toMatchObject({
      code: 'PARAPET_LAB_FOLDER_OTHER',
      message: expect.stringContaining('options.seed'),
    })
  })

  test('too few prompts, and prompts that only repeat each other', async () => {
    const few = options({
      out: join(root, 'few'),
      harmful: promptSet([...shouted.slice(0, 12), ...shouted.slice(0, 12)]),
    })

    await expect(fitDirection(few)).rejects.toMatchObject({
      code: 'PARAPET_LAB_PROMPTS_FEW',
      message: expect.stringContaining('12 harmful prompts'),
    })
  })

  test('the same prompts on both sides', async () => {
    const same = options({ out: join(root, 'same'), harmful: promptSet(requests) })

    await expect(fitDirection(same)).rejects.toMatchObject({ code: 'PARAPET_LAB_PROMPTS_SHARED' })
  })

  test.each([
    ['never', { threshold: 1000 }, 'PARAPET_LAB_NEVER_REFUSES'],
    ['always', { threshold: -0.2, gain: 0.3 }, 'PARAPET_LAB_ALWAYS_REFUSES'],
  ])('a model that %s refuses', async (how, made, code) => {
    await writeRefusingDecoder(join(root, how), made)

    const run = options({ model: join(root, how), out: join(root, `run-${how}`) })

    await expect(fitDirection(run)).rejects.toMatchObject({ code })
  })

  test('a model that gives no numbers', async () => {
    await writeRefusingDecoder(join(root, 'broken'), { noise: Number.NaN })

    const run = options({ model: join(root, 'broken'), out: join(root, 'run-broken') })

    await expect(fitDirection(run)).rejects.toMatchObject({ code: 'PARAPET_MODEL_EDIT_UNVERIFIED' })
  })

  test('a refusal token that the model does not have', async () => {
    const run = options({ out: join(root, 'token'), refusalTokens: [73, 9999] })

    await expect(fitDirection(run)).rejects.toMatchObject({
      code: 'PARAPET_LAB_REFUSAL_TOKEN_UNKNOWN',
      message: expect.stringContaining('number 1'),
    })
  })

  test('an artefact that was damaged', async () => {
    const place = join(root, 'damaged')
    await cp(join(root, 'run'), place, { recursive: true })
    await unlink(join(place, 'direction.safetensors'))
    await writeFile(join(place, '4-means.safetensors'), 'not a tensor')

    await expect(fitDirection(options({ out: place }))).rejects.toMatchObject({
      code: 'PARAPET_LAB_ARTEFACT_DAMAGED',
      message: expect.stringContaining('4-means.safetensors'),
    })
  })
})

test('the direction of one model is refused by another, by both digests', async () => {
  await writeRefusingDecoder(join(root, 'other'), { seed: 2 })
  const { metadata } = parseDirectionFile(await readFile(join(root, 'run/direction.safetensors')), 'x')
  const other = await openModelFolder(join(root, 'other'), 'decoder')

  await expect(checkDirection(metadata.model, other)).rejects.toMatchObject({
    code: 'PARAPET_DETECTOR_DIRECTION_MISMATCH',
    message: expect.stringMatching(
      new RegExp(`${metadata.model.sha256}.*${other.manifest.files['model.onnx']?.sha256}`),
    ),
  })
})
