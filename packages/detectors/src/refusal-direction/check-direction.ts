import { createHash } from 'node:crypto'
import { type DecoderModelFolder, readChatTemplate } from '@parapet/runtime'
import { fault } from '../errors/codes.ts'
import type { DirectionModel } from './direction-schema.ts'
import { modelDigest } from './model-digest.ts'

/**
 * Checks that a direction was made for this model, its tokenizer and its chat template. With another of the three
 * the numbers would still come out, and mean nothing.
 * @throws `PARAPET_DETECTOR_DIRECTION_MISMATCH`, which names both models
 */
export async function checkDirection(madeFor: DirectionModel, folder: DecoderModelFolder): Promise<void> {
  const digest = folder.manifest.files['tokenizer.json']?.sha256 ?? 'not listed'
  checkWeights(madeFor, folder)
  expectSame(madeFor, folder, 'tokenizer.json', madeFor.tokenizerSha256, digest)
  expectSame(madeFor, folder, 'chat template', madeFor.templateSha256, await templateDigest(folder))
}

/** Checks the weights' digest and shape alone. @throws `PARAPET_DETECTOR_DIRECTION_MISMATCH` */
export function checkWeights(madeFor: DirectionModel, folder: DecoderModelFolder): void {
  const { layers, hidden } = folder.manifest
  expectSame(madeFor, folder, 'model.onnx', madeFor.sha256, modelDigest(folder.manifest))
  expectSame(madeFor, folder, 'layers', madeFor.layers, layers)
  expectSame(madeFor, folder, 'width', madeFor.hidden, hidden)
}

function expectSame(
  madeFor: DirectionModel,
  { manifest }: DecoderModelFolder,
  what: string,
  expected: string | number,
  received: string | number,
): void {
  if (expected === received) return
  throw fault('PARAPET_DETECTOR_DIRECTION_MISMATCH', {
    what,
    madeFor: String(expected),
    madeForModel: madeFor.id,
    received: String(received),
    model: manifest.id,
  })
}

/**
 * SHA-256 of the text of the chat template that the model's prompts are made with, in UTF-8; `none` where it has none.
 * @throws `PARAPET_MODEL_…`, of the files that hold it
 */
export async function templateDigest(folder: DecoderModelFolder): Promise<string> {
  const template = await readChatTemplate(folder)
  return template === undefined ? 'none' : createHash('sha256').update(template, 'utf8').digest('hex')
}
