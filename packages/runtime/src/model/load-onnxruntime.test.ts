import { expect, jest, test } from '@jest/globals'

test('without onnxruntime-node there is an error with the install line, and its cause', async () => {
  jest.unstable_mockModule('onnxruntime-node', () => {
    throw new Error('Cannot find package')
  })
  const { loadOnnxruntime } = await import('./load-onnxruntime.ts')

  await expect(loadOnnxruntime()).rejects.toMatchObject({
    code: 'PARAPET_RUNTIME_PEER_MISSING',
    message: expect.stringContaining('npm install onnxruntime-node'),
    cause: expect.any(Error),
  })
})
