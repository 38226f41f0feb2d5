import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { templateDigest, writeSafetensors } from '@parapet/detectors/direction'
import { openModelFolder } from '@parapet/runtime'

/** Writes the direction file of a model, `direction.safetensors` in its folder: valid, with readings that say nothing. */
export async function writeDirection(
  directory: string,
  direction: Float32Array,
  {
    block = 2,
    origin = 'planted',
    to = join(directory, 'direction.safetensors'),
    fit,
  }: { block?: number; origin?: string; to?: string; fit?: object } = {},
): Promise<string> {
  const folder = await openModelFolder(directory, 'decoder')
  const { id, layers, hidden } = folder.manifest
  const digest = async (file: string) =>
    createHash('sha256')
      .update(await readFile(join(directory, file)))
      .digest('hex')
  const place = { site: `blocks.${block}.hook_resid_pre`, position: 'last' }
  const reading = { sites: [place], transform: { dropDimensions: [], normalise: 'none' }, scale: 1, bias: 0 }
  const metadata = {
    schema: 'parapet.direction/1',
    id: 'tiny',
    version: '1',
    model: {
      id,
      sha256: await digest('model.onnx'),
      tokenizerSha256: await digest('tokenizer.json'),
      templateSha256: await templateDigest(folder),
      layers,
      hidden,
    },
    direction: place,
    readings: { harmfulness: reading, refusal: reading },
    combine: { harmfulness: 1, refusal: 1, bias: 0 },
    coverage: { languages: ['en'], maxTokens: 512 },
    evidence: { origin },
    ...(fit ? { fit } : {}),
  }
  const row = { shape: [1, hidden], values: direction }
  await writeFile(
    to,
    writeSafetensors(
      new Map([
        ['direction', { shape: [hidden], values: direction }],
        ['harmfulness.weight', row],
        ['refusal.weight', row],
      ]),
      new Map([['parapet', JSON.stringify(metadata)]]),
    ),
  )
  return to
}
