import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from '@jest/globals'
import { writeTinyEncoder } from '../testing/tiny-encoder.ts'
import { readGraphInterface } from './graph-interface.ts'
import { openModelFolder } from './model-folder.ts'

const folder = await mkdtemp(join(tmpdir(), 'parapet-interface-'))
afterAll(() => rm(folder, { recursive: true }))

test('names, types and shapes are those of the graph, open dimensions as -1', async () => {
  await writeTinyEncoder(folder)

  expect(await readGraphInterface(await openModelFolder(folder))).toEqual({
    inputs: [
      { name: 'input_ids', type: 'int64', shape: [-1, -1] },
      { name: 'attention_mask', type: 'int64', shape: [-1, -1] },
    ],
    outputs: [
      { name: 'toxicity', type: 'float32', shape: [-1, 2] },
      { name: 'sentiment', type: 'float32', shape: [-1, 3] },
    ],
  })
})
