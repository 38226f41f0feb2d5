import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { createGuard, definePolicy, type RuleDraft, when } from '@parapet/sdk'
import { directionFile, directionMetadata } from '../../test/builders/direction-builder.ts'
import { scriptedHost } from '../../test/builders/scripted-host.ts'
import { subject } from '../../test/builders/subject.ts'
import { decoderFolder, decoderIdentity } from '../../test/builders/weights-folder.ts'
import { sigmoid } from '../calibration/score-map.ts'
import { refusalDirection } from './refusal-direction.ts'
import { refusalVector } from './refusal-vector.ts'

const { signal } = new AbortController()
const rows = [
  [3, 4, 0],
  [1, 0, 0],
  [0, 1, 0],
].map((row) => Float32Array.from(row))
const host = scriptedHost({ decoder: () => ({ kind: 'read', tokens: 9, rows }) })

/** A chat model with neither direction nor calibration, and directions that were fitted to it, or not. */
let bare: string
let run: string
let direction: string
beforeAll(async () => {
  bare = await decoderFolder({ 'direction.safetensors': undefined, 'calibration.json': undefined })
  run = await mkdtemp(join(tmpdir(), 'parapet-run-'))
  direction = join(run, 'direction.safetensors')
  await writeFile(direction, directionFile({ metadata: directionMetadata({ model: decoderIdentity }) }))
  await writeFile(join(run, 'foreign.safetensors'), directionFile())
})
afterAll(() => rm(run, { recursive: true }))

describe('a direction file that lies in a run folder', () => {
  test('is the vector that a model is steered by', async () => {
    expect(await refusalVector(bare, { direction })).toEqual({ vector: Float32Array.of(1, 0, 0), block: 2 })
  })

  test('is what a model without calibration is read by', async () => {
    const loaded = await refusalDirection({ weights: bare, direction, host }).load()

    expect(await loaded.measure(subject('hello'), { signal })).toMatchObject({
      kind: 'scored',
      scores: { refusal: sigmoid(2.5) },
    })
    expect(loaded.calibration).toBeUndefined()
  })

  test('serves rules with a score, and none with a false-positive rate', async () => {
    const harmful = when(refusalDirection({ weights: bare, direction, host }), 'harmful')
    const guardOf = (rule: RuleDraft) =>
      createGuard({
        policy: definePolicy({
          id: 'fitted',
          version: '1',
          input: { rules: [rule], onError: 'block', onAbstain: 'flag', budgetMs: 1_000 },
        }),
      })

    await expect(guardOf(harmful.above(0.5).block()).bindingHash()).resolves.toMatch(/^sha256:/)
    await expect(guardOf(harmful.atFalsePositiveRate(0.01).block()).bindingHash()).rejects.toMatchObject({
      code: 'PARAPET_POLICY_CALIBRATION_SMALL',
      message: expect.stringMatching(/0 calibrated benign scores.*use \.above\(score\)/),
    })
  })

  test('is part of the digest by what it says, not by where it lies', async () => {
    const elsewhere = join(run, 'again.safetensors')
    const other = join(run, 'other.safetensors')
    const metadata = directionMetadata({ model: decoderIdentity })
    await writeFile(elsewhere, directionFile({ metadata }))
    await writeFile(
      other,
      directionFile({ metadata, tensors: { direction: { shape: [3], values: [0, 1, 0] } } }),
    )
    const digestOf = async (path: string) =>
      (await refusalDirection({ weights: bare, direction: path, host }).load()).digest

    expect(await digestOf(elsewhere)).toBe(await digestOf(direction))
    expect(await digestOf(other)).not.toBe(await digestOf(direction))
  })

  test.each([
    ['of another model', 'foreign.safetensors', 'PARAPET_DETECTOR_DIRECTION_MISMATCH'],
    ['that is not there', 'none.safetensors', 'PARAPET_DETECTOR_DIRECTION_UNREADABLE'],
    ['that is a folder', '.', 'PARAPET_DETECTOR_DIRECTION_UNREADABLE'],
  ])('one %s is refused', async (_, name, code) => {
    const path = join(run, name)

    await expect(refusalVector(bare, { direction: path })).rejects.toMatchObject({ code })
    await expect(refusalDirection({ weights: bare, direction: path, host }).load()).rejects.toMatchObject({
      code,
    })
  })

  test('a path that is none is refused', async () => {
    const invalid = { code: 'PARAPET_DETECTOR_OPTION_INVALID' }

    await expect(refusalVector(bare, { direction: '' })).rejects.toMatchObject(invalid)
    expect(() => refusalDirection({ direction: '' })).toThrow(expect.objectContaining(invalid))
  })
})

test('the vector of a model of the hub is looked for there, not among packages', async () => {
  await expect(refusalVector('hf:owner/name@not a revision')).rejects.toMatchObject({
    code: expect.stringMatching(/^PARAPET_HUB_/),
  })
})
