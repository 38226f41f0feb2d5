import { expect, it } from '@jest/globals'
import { loadRuntime } from './load-runtime.ts'

it('names the install line when the runtime is missing', async () => {
  const missing = Object.assign(new Error("Cannot find package '@parapet/runtime'"), {
    code: 'ERR_MODULE_NOT_FOUND',
  })

  await expect(loadRuntime(() => Promise.reject(missing))).rejects.toMatchObject({
    code: 'PARAPET_ADAPTER_PEER_MISSING',
    message: expect.stringContaining('npm install @parapet/runtime onnxruntime-node'),
    cause: missing,
  })
})
