import { checkDirection } from '@parapet/detectors/direction'
import { createModelHost, resolveModel } from '@parapet/runtime'
import type { Streams } from '../../command.ts'
import { EXIT } from '../../output/exit-codes.ts'
import { print } from '../../output/print.ts'
import { fields } from '../../output/table.ts'
import { readDirectionFile } from './read-direction-file.ts'

/** `parapet direction verify`: whether a direction belongs to a model, and whether the model can be changed along it. */
export async function verify(
  path: string,
  model: string,
  json: boolean,
  { stdout }: Streams,
): Promise<number> {
  const { metadata } = await readDirectionFile(path)
  const folder = await resolveModel(model, {}, 'decoder')
  await checkDirection(metadata.model, folder)
  // Both sessions are loaded and run once: on a busy machine a large one takes its time.
  const host = createModelHost({ unresponsiveMs: 120_000, loadTimeoutMs: 600_000 })
  try {
    const { sites, leak } = await host.decoder(folder).verifyInterventions()
    const { site, position } = metadata.direction
    await print(
      stdout,
      json
        ? JSON.stringify({ model: folder.manifest.id, site, position, sites, leak })
        : fields([
            ['model', `${folder.manifest.id}: the digests are those of the direction`],
            ['read at', `${site} at ${position}`],
            ['unchanged', 'at strength 0 the logits are those of the file, to the bit'],
            [
              'erased',
              `at most ${leak.toExponential(1)} of the stream is left along a direction, at ${sites} places`,
            ],
          ]),
    )
    return EXIT.ok
  } finally {
    await host.close()
  }
}
