import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import {
  huggingFaceClassifier,
  kserveClassifier,
  llamaGuard,
  llmJudge,
  openAIModeration,
  servedRefusalDirection,
} from '@parapet/detectors/remote'
import { type Detector, definePolicy, parsePolicy, when } from '@parapet/sdk'
import { detectorRegistry } from '../src/registry.ts'
import { callParapet } from './call-parapet.ts'
import { jsonLines, parseLines, runParapet } from './run-parapet.ts'
import { temporaryFolder } from './temporary-folder.ts'

const folder = temporaryFolder()

const KEY = 'sk-canary-key'
const server = createServer((request, response) => {
  const allowed = request.headers.authorization === `Bearer ${KEY}`
  response.writeHead(allowed ? 200 : 401, { 'content-type': 'application/json' })
  response.end(JSON.stringify({ model: 'm', results: [{ category_scores: { hate: 0.75 } }] }))
})
let baseUrl = ''
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`
})
afterAll(() => void server.close())

const measure = (environment: Readonly<Record<string, string>>) => {
  const options = JSON.stringify({ baseUrl, model: 'm', categories: ['hate'], keyEnv: 'PARAPET_TEST_KEY' })
  const input = jsonLines([{ id: 1, text: 'canary text' }])
  return runParapet(['measure', 'moderation', '--options', options], { input, environment })
}

describe('parapet measure with a detector that asks a service', () => {
  it('sends the key of the variable that the options name', async () => {
    const { status, stdout } = await measure({ PARAPET_TEST_KEY: KEY })

    expect(status).toBe(0)
    expect(parseLines(stdout)).toEqual([
      { id: 1, text: 'canary text', scores: { hate: 0.75 }, flagged: [], ms: expect.any(Number) },
    ])
  })

  it('answers a line that the service refuses with a code, and says nothing of text or key', async () => {
    const { status, stdout, stderr } = await measure({ PARAPET_TEST_KEY: 'sk-other-canary' })

    expect(status).toBe(1)
    expect(parseLines(stdout)[0]).toMatchObject({ failed: 'PARAPET_REMOTE_UNAUTHORIZED' })
    expect(stderr).not.toContain('canary')
  })

  it('does not begin without the key', async () => {
    const { status, stdout, stderr } = await measure({})

    expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
    expect(stderr).toMatch(/^PARAPET_REMOTE_KEY_MISSING: .*PARAPET_TEST_KEY/)
  })

  it.each(['hugging-face', 'kserve', 'served-refusal-direction', 'llm-judge', 'llama-guard'])(
    'says what %s needs',
    async (id) => {
      const { status, stderr } = await callParapet(['measure', id])

      expect(status).toBe(1)
      expect(stderr).toMatch(/^PARAPET_DETECTOR_OPTION_INVALID: .*missing/)
    },
  )
})

describe('a policy in JSON', () => {
  const model = { url: 'https://judge.example.com/v1', model: 'judge', keyEnv: 'JUDGE_KEY' }
  const DETECTORS: Readonly<Record<string, () => readonly [Detector, string]>> = {
    'hugging-face': () => [
      huggingFaceClassifier({
        model: 'owner/name',
        labels: { LABEL_0: null, LABEL_1: 'toxic' },
        keyEnv: 'HF_TOKEN',
      }),
      'toxic',
    ],
    moderation: () => [openAIModeration({ categories: ['hate'], timeoutMs: 900 }), 'hate'],
    kserve: () => [
      kserveClassifier({
        url: 'http://triton:8000/',
        measures: 'toxicity',
        labels: ['toxic'],
        cachedTexts: 0,
      }),
      'toxic',
    ],
    'served-refusal-direction': () => [
      servedRefusalDirection({
        url: 'https://activations.example.com/',
        weights: './model',
        maxTokens: 512,
        contextCharacters: 0,
        keyEnv: 'ACTIVATIONS_KEY',
      }),
      'harmful',
    ],
    'llama-guard': () => [llamaGuard({ model: { ...model, url: `${model.url}/` } }), 'unsafe'],
    'llm-judge': () => [llmJudge({ model, rubric: { rude: 'Insults a person.' }, votes: 3 }), 'disagreement'],
  }

  it.each(Object.entries(DETECTORS))(
    'names %s with all its options and no key, and its check says who gets content',
    async (_, make) => {
      const [detector, label] = make()
      const policy = definePolicy({
        id: 'remote',
        version: '1',
        input: {
          rules: [when(detector, label).above(0.8).block()],
          onError: 'block',
          onAbstain: 'flag',
          budgetMs: 2_000,
        },
      })

      const read = parsePolicy(JSON.parse(JSON.stringify(policy.document)), detectorRegistry())

      expect(read.policyHash).toBe(policy.policyHash)
      expect(JSON.stringify(policy.document)).not.toContain(KEY)
      const file = join(folder, 'policy.json')
      writeFileSync(file, JSON.stringify(policy.document))
      const { stdout } = await callParapet(['policy', 'check', file, '--json'])
      expect(JSON.parse(stdout)).toMatchObject({ sendsTo: [detector.descriptor.sendsTo] })
    },
  )
})
