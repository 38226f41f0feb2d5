import { describe, expect, test } from '@jest/globals'
import type { DecoderModel } from '@parapet/runtime'
import { activations, answerOf, firstLogits } from './ask-model.ts'
import type { FitContext } from './fit-context.ts'

/** A context whose model fails with this code, the first so many times. */
function failing(code: string, { times = Number.POSITIVE_INFINITY, retryable = false } = {}): FitContext {
  let asked = 0
  const answer = async (result: object) => {
    asked += 1
    if (asked > times) return result
    throw Object.assign(new Error('x'), { code, retryable, [Symbol.for('parapet.error')]: true })
  }
  const model = {
    manifest: { vocabulary: 4, hidden: 3 },
    generate: () => ({
      async *[Symbol.asyncIterator]() {},
      finished: answer({ text: 'Sure' }),
    }),
    firstToken: () => answer({ logits: Float32Array.of(1, 2, 3, 4), promptTokens: 9 }),
    read: () => answer({ kind: 'read', tokens: 9, rows: [Float32Array.of(1, 2, 3)] }),
  } as unknown as DecoderModel
  const prompts = { texts: ['a request'], sha256: '' }
  return { model, options: { harmful: prompts, spare: 'sinks', answerTokens: 8 } } as unknown as FitContext
}

const asked = { kind: 'harmful', index: 0 } as const
const change = { add: { vector: Float32Array.of(1, 0, 0), block: 0 } }
const places = [{ site: 'blocks.1.hook_resid_pre', position: 'last' }] as const

describe('a model that gives no numbers', () => {
  test('under an intervention speaks against the intervention', async () => {
    const context = failing('PARAPET_MODEL_OUTPUT_MALFORMED')

    expect(await firstLogits(context, asked, change)).toEqual(new Float32Array(4).fill(Number.NaN))
    expect(await activations(context, asked, places, change)).toEqual([new Float32Array(3).fill(Number.NaN)])
  })

  test('as it is ends the run', async () => {
    const context = failing('PARAPET_MODEL_OUTPUT_MALFORMED')

    await expect(firstLogits(context, asked)).rejects.toMatchObject({
      code: 'PARAPET_MODEL_OUTPUT_MALFORMED',
    })
    await expect(activations(context, asked, places)).rejects.toMatchObject({
      code: 'PARAPET_MODEL_OUTPUT_MALFORMED',
    })
  })
})

test('a prompt that is too long is left out', async () => {
  expect(await firstLogits(failing('PARAPET_MODEL_CONTEXT_EXCEEDED'), asked)).toBeUndefined()
  expect(await answerOf(failing('PARAPET_MODEL_CONTEXT_EXCEEDED'), asked)).toBeUndefined()
})

test('a fault that passes is met with patience, another one is not', async () => {
  const passing = failing('PARAPET_RUNTIME_HOST_CRASHED', { times: 2, retryable: true })

  expect(await firstLogits(passing, asked)).toEqual(Float32Array.of(1, 2, 3, 4))
  await expect(firstLogits(failing('PARAPET_MODEL_CORRUPT', { times: 1 }), asked)).rejects.toMatchObject({
    code: 'PARAPET_MODEL_CORRUPT',
  })
})
