import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { writeRefusingDecoder } from '@parapet/runtime/testing'
import { createGuard, definePolicy, when } from '@parapet/sdk'
import { recordingSink, scriptedDetector } from '@parapet/sdk/testing'
import { defaultSettingsMiddleware, generateText, streamText, wrapLanguageModel } from 'ai'
import { guardMiddleware } from '../../src/ai-sdk/index.ts'
import { type LocalModel, localModel } from '../../src/local/index.ts'

const directory = mkdtempSync(join(tmpdir(), 'parapet-steered-'))
afterAll(() => rmSync(directory, { recursive: true, force: true }))

const rude = scriptedDetector({ id: 'rude', labels: ['rude'], script: { rude: /rude/ } })
const stage = { onError: 'block', onAbstain: 'flag', budgetMs: 30_000 } as const
const policy = definePolicy({
  id: 'steered',
  version: '1',
  input: { ...stage, rules: [when(rude, 'rude').above(0.5).steer({ strength: 3 })] },
  messages: { default: 'Not this.' },
})

// The model answers "Sure" to small letters and "I can't" to capitals, by one direction that is known.
describe('a rule that steers, over a real model', () => {
  let model: LocalModel
  const sink = recordingSink()
  const guard = createGuard({ policy, records: sink })
  const guarded = (of: Parameters<typeof wrapLanguageModel>[0]['model']) =>
    wrapLanguageModel({ model: of, middleware: guardMiddleware(guard) })

  beforeAll(async () => {
    const { direction } = await writeRefusingDecoder(directory)
    model = localModel({ model: directory, direction: { vector: direction, block: 2 } })
  })
  afterAll(() => model.close())

  it('lets the model decline in its own words, and answer everybody else as ever', async () => {
    const ask = async (prompt: string) => (await generateText({ model: guarded(model), prompt })).text

    expect(await ask('be kind')).toBe('Sure')
    expect(await ask('be rude')).toBe("I can't")
    expect(sink.decisions.map(({ decision }) => decision.effective)).toContain('steer')
  }, 60_000)

  it('says the same when it streams', async () => {
    const { textStream } = streamText({ model: guarded(model), prompt: 'be rude' })

    let text = ''
    for await (const delta of textStream) text += delta
    expect(text).toBe("I can't")
  }, 60_000)

  it('blocks where something between the guard and the model hides that it can be steered', async () => {
    const hidden = wrapLanguageModel({ model, middleware: defaultSettingsMiddleware({ settings: {} }) })

    expect((await generateText({ model: guarded(hidden), prompt: 'be rude' })).text).toBe('Not this.')
  }, 60_000)
})
