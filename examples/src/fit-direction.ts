/**
 * Finds, in the shipped sentinel, the direction along which it sees what is wrong with a request, and writes it as a direction file. A
 * real run takes two files of 260 requests each and the method of the paper: `parapet fit` (docs/refusal-direction.md). The method
 * `cosmic` asks for no refusals, so that it finds something in every model.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkDirection, parseDirectionFile } from '@parapet/detectors/direction'
import { fitDirection, promptSet } from '@parapet/lab'
import { openModelFolder, resolveModelPackage } from '@parapet/runtime'
import { HARMLESS, WRONG } from './offline/requests.ts'

const model = resolveModelPackage('@parapet/model-sentinel')
const folder = mkdtempSync(join(tmpdir(), 'parapet-fit-'))
try {
  const { file, metadata, test } = await fitDirection({
    model,
    harmful: promptSet(WRONG),
    harmless: promptSet(HARMLESS),
    out: folder,
    method: 'cosmic',
    train: 11,
    validation: 4,
    shortlist: 2,
    klBound: 3,
  })
  const { site, position } = metadata.direction
  const { n, readings } = test
  console.log(`found at ${site}, position ${position}`)
  console.log(
    `on ${n.harmful} + ${n.harmless} requests put aside: AUROC ${readings.refusal.auroc.toFixed(2)}`,
  )

  const written = parseDirectionFile(readFileSync(file), 'sentinel')
  await checkDirection(written.metadata.model, await openModelFolder(model, 'decoder'))
  console.log(`the file is for the model ${written.metadata.model.id}, and for no other`)
} finally {
  rmSync(folder, { recursive: true })
}
