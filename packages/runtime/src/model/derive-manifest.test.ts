import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { OnnxFileScan } from '../graph/scan-onnx-file.ts'
import { deriveManifest } from './derive-manifest.ts'

const FLOAT = 1
const INT64 = 7
const graph: OnnxFileScan = {
  inputs: new Map([
    ['input_ids', { elementType: INT64, shape: [-1, -1] }],
    ['past_key_values.0.key', { elementType: FLOAT, shape: [-1, 1, -1, 4] }],
    ['past_key_values.0.value', { elementType: FLOAT, shape: [-1, 1, -1, 4] }],
  ]),
  outputs: new Map([['logits', { elementType: FLOAT, shape: [-1, -1, 100_000] }]]),
  external: new Set(),
}
const config = {
  num_hidden_layers: 1,
  hidden_size: 4,
  vocab_size: 100_000,
  num_attention_heads: 1,
  max_position_embeddings: 64,
}

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'parapet-derive-'))
})
afterEach(() => rm(directory, { recursive: true, force: true }))

async function derive(addedTokens: unknown) {
  const contents = {
    'config.json': config,
    'tokenizer_config.json': { eos_token: '<end>' },
    'tokenizer.json': { added_tokens: addedTokens },
  }
  for (const [name, value] of Object.entries(contents))
    await writeFile(join(directory, name), JSON.stringify(value))
  const names = ['model.onnx', ...Object.keys(contents)]
  const files = Object.fromEntries(names.map((name) => [name, { sha256: '0'.repeat(64), bytes: 1 }]))
  return deriveManifest(
    { directory, id: 'a-model', version: '1', licence: 'Apache-2.0', files: files as never },
    graph,
  )
}

describe('the token that ends an answer', () => {
  const end = { id: 7, content: '<end>' }

  test('is found by its text', async () => {
    expect((await derive([{ id: 6, content: '<begin>' }, end])).chat.eosTokenIds).toEqual([7])
  })

  test('is found among others that are of no use', async () => {
    expect((await derive([null, 'text', { id: 'x', content: 1 }, end])).chat.eosTokenIds).toEqual([7])
  })

  test.each<[string, unknown]>([
    ['a token without a usable id', [{ id: -1, content: '<end>' }]],
    ['no list', { '<end>': 7 }],
  ])('is not taken from %s', async (_, added) => {
    await expect(derive(added)).rejects.toMatchObject({
      code: 'PARAPET_MODEL_CONFIG_INVALID',
      message: expect.stringContaining('no token is named that ends an answer'),
    })
  })

  test('is not looked for in a list without end', async () => {
    const added = Array.from({ length: 65_537 }, (_, id) => ({ id, content: '' }))

    await expect(derive(added)).rejects.toMatchObject({
      code: 'PARAPET_MODEL_CONFIG_INVALID',
      message: expect.stringContaining('adds 65537 tokens, and 65536 at most'),
    })
  })
})
