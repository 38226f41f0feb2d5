import { appendFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from '@jest/globals'
import { calibrationFile, detectorCalibration } from '../../test/builders/calibration-builder.ts'
import { encoderFolder } from '../../test/builders/weights-folder.ts'
import { openWeights } from './open-weights.ts'

const open = (weights: string) => openWeights(weights, 'encoder', 'toxicity')

test('a folder is opened by its path or its URL', async () => {
  const folder = await encoderFolder()

  const [byPath, byUrl] = await Promise.all([open(folder), open(pathToFileURL(folder).href)])

  expect(byPath.folder.manifest.id).toBe('tiny-encoder')
  expect(byUrl).toEqual(byPath)
})

test('a package that is not installed is an error with the install line', async () => {
  await expect(open('@parapet/model-nowhere')).rejects.toMatchObject({
    code: 'PARAPET_MODEL_NOT_INSTALLED',
    message: expect.stringContaining('npm install @parapet/model-nowhere'),
  })
})

test('a calibration file that changed after its digest was written is refused', async () => {
  const folder = await encoderFolder()
  await appendFile(join(folder, 'calibration.json'), ' ')

  await expect(open(folder)).rejects.toMatchObject({ code: 'PARAPET_MODEL_DIGEST_MISMATCH' })
})

test('a truncated calibration file is refused', async () => {
  const folder = await encoderFolder()
  await writeFile(join(folder, 'calibration.json'), '{')

  await expect(open(folder)).rejects.toMatchObject({ code: 'PARAPET_MODEL_DIGEST_MISMATCH' })
})

test('a calibration file that is gone is named', async () => {
  const folder = await encoderFolder()
  await rm(join(folder, 'calibration.json'))

  await expect(open(folder)).rejects.toMatchObject({
    code: 'PARAPET_MODEL_FILE_MISSING',
    message: expect.stringContaining('calibration.json'),
  })
})

test('a calibration made with another model is refused', async () => {
  const other = calibrationFile('d'.repeat(64), { toxicity: detectorCalibration(['toxic']) })
  const folder = await encoderFolder({ 'calibration.json': JSON.stringify(other) })

  await expect(open(folder)).rejects.toMatchObject({ code: 'PARAPET_DETECTOR_CALIBRATION_MISMATCH' })
})

test('weights that were not calibrated for the detector are refused, naming what they are for', async () => {
  const folder = await encoderFolder()

  await expect(openWeights(folder, 'encoder', 'attack')).rejects.toMatchObject({
    code: 'PARAPET_DETECTOR_CALIBRATION_MISSING',
    message: expect.stringContaining('"toxicity", "sentiment"'),
  })
})

test('weights of another kind are refused', async () => {
  const folder = await encoderFolder()

  await expect(openWeights(folder, 'decoder', 'refusal-direction')).rejects.toMatchObject({
    code: 'PARAPET_MODEL_KIND_WRONG',
  })
})
