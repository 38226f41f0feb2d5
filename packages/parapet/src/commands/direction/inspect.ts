import type { Streams } from '../../command.ts'
import { EXIT } from '../../output/exit-codes.ts'
import { print } from '../../output/print.ts'
import { fields } from '../../output/table.ts'
import { readDirectionFile } from './read-direction-file.ts'

/** `parapet direction inspect`: what a direction file says of itself. */
export async function inspect(path: string, json: boolean, { stdout }: Streams): Promise<number> {
  const { metadata, direction } = await readDirectionFile(path)
  if (json) {
    await print(stdout, JSON.stringify(metadata))
    return EXIT.ok
  }
  const { model, readings, coverage, evidence, madeBy, fit } = metadata
  const places = (name: 'harmfulness' | 'refusal') =>
    readings[name].sites.map(({ site, position }) => `${site} at ${position}`).join(', ')
  await print(
    stdout,
    fields([
      ['direction', `${metadata.id} ${metadata.version}`],
      ['model', `${model.id}, ${model.layers} blocks, width ${model.hidden}`],
      ['model.onnx', model.sha256],
      ['tokenizer.json', model.tokenizerSha256],
      ['chat template', model.templateSha256],
      ['read at', `${metadata.direction.site} at ${metadata.direction.position}`],
      ['length', Math.hypot(...direction).toPrecision(4)],
      ['harmfulness', places('harmfulness')],
      ['refusal', places('refusal')],
      ['languages', coverage.languages.join(', ')],
      ['tokens at most', coverage.maxTokens],
      ['origin', String(evidence?.['origin'] ?? 'unknown')],
      ['made by', JSON.stringify(madeBy ?? 'unknown')],
      ...Object.entries(fit ?? {}).map(([name, value]) => [`fit: ${name}`, JSON.stringify(value)] as const),
    ]),
  )
  return EXIT.ok
}
