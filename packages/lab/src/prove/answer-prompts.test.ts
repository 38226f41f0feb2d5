import { expect, test } from '@jest/globals'
import type { DecoderModel } from '@parapet/runtime'
import { RuntimeError } from '@parapet/runtime'
import { type AnswerContext, answerPrompts } from './answer-prompts.ts'
import type { AnswerRow } from './answer-row.ts'
import { resolveProveOptions } from './prove-options.ts'

const none = { texts: [], sha256: '' }

/** A context over a model that throws so many faults before it answers. */
function contextOf(faults: readonly RuntimeError[]): { context: AnswerContext; kept: AnswerRow[] } {
  const left = [...faults]
  const kept: AnswerRow[] = []
  const generate = () => {
    const fault = left.shift()
    const answered = { reason: 'end', text: 'Sure', promptTokens: 1, newTokens: 1 }
    return { finished: fault ? Promise.reject(fault) : Promise.resolve(answered) }
  }
  const context: AnswerContext = {
    options: resolveProveOptions({ model: '', harmful: none, harmless: none, concurrency: 1 }),
    prompts: { harmful: ['A'], harmless: ['b'] },
    model: { generate } as unknown as DecoderModel,
    judge: {
      digest: '',
      judge: async () => ({ kind: 'complied', because: 'answer' }),
      close: async () => {},
    },
    interventionOf: () => ({}),
    meter: { begin: () => {}, step: () => {} },
    before: [],
    keep: async (row) => {
      kept.push(row)
    },
  }
  return { context, kept }
}

test('a host that was replaced in mid-run is asked again', async () => {
  const crashed = new RuntimeError('PARAPET_RUNTIME_HOST_UNRESPONSIVE', 'gone', { retryable: true })
  const { context, kept } = contextOf([crashed])

  const rows = await answerPrompts(context)

  expect(rows.map(({ condition }) => condition)).toEqual([
    'base',
    'erased',
    'randomErased',
    'base',
    'added',
    'randomAdded',
  ])
  expect(kept).toHaveLength(6)
})

test('a prompt that does not fit into the context is left out', async () => {
  const exceeded = new RuntimeError('PARAPET_MODEL_CONTEXT_EXCEEDED', 'too long')
  const { context, kept } = contextOf([exceeded, exceeded, exceeded])

  const rows = await answerPrompts(context)

  expect(rows.map(({ kind }) => kind)).toEqual(['harmless', 'harmless', 'harmless'])
  expect(kept).toEqual(rows)
})

test('a fault that stays ends the run, and what was answered is kept', async () => {
  const broken = new RuntimeError('PARAPET_MODEL_OUTPUT_MALFORMED', 'not a number')
  const { context, kept } = contextOf([broken])

  await expect(answerPrompts(context)).rejects.toMatchObject({ code: 'PARAPET_MODEL_OUTPUT_MALFORMED' })
  expect(kept).toEqual([])
})
