import { expect, test } from '@jest/globals'
import { loadInference } from './hugging-face/load-inference.ts'
import { loadAi } from './llm-judge/load-ai.ts'

const absent = () => Promise.reject(new Error('Cannot find package'))

test.each([
  ['@huggingface/inference', () => loadInference('test', absent)],
  ['ai', () => loadAi('test', absent)],
])('%s that is not installed is an error with the install line', async (peer, load) => {
  await expect(load()).rejects.toMatchObject({
    code: 'PARAPET_DETECTOR_PEER_MISSING',
    message: expect.stringContaining(`npm install ${peer}`),
  })
})
