import { z } from 'zod'
import { persistently } from '../../run/persistently.ts'
import type { FitContext } from '../fit-context.ts'

const artefact = z.looseObject({ verified: z.literal(true) })

/**
 * Checks once a run, before anything is measured, that the model can be changed as it is said: an edit that misses a writer of the
 * stream would make every score a wrong one.
 * @throws `PARAPET_MODEL_EDIT_UNVERIFIED`, `PARAPET_MODEL_GRAPH_UNSUPPORTED`
 */
export async function verifyModel({ model, folder, options }: FitContext): Promise<void> {
  const name = '0-model.json'
  if (await folder.readJson(name, artefact)) return
  const check = await persistently(() =>
    model.verifyInterventions(options.signal ? { signal: options.signal } : {}),
  )
  await folder.writeJson(name, { verified: true, ...check })
}
