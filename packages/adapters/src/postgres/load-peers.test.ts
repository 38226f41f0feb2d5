import { describe, expect, it } from '@jest/globals'
import { loadPgPool } from './load-pg.ts'
import { loadPgBoss } from './load-pg-boss.ts'

const absent = async (): Promise<never> => {
  throw Object.assign(new Error('Cannot find package'), { code: 'ERR_MODULE_NOT_FOUND' })
}

describe('a missing peer', () => {
  it('is named, with the line that installs it', async () => {
    await expect(loadPgPool({}, absent)).rejects.toMatchObject({
      code: 'PARAPET_ADAPTER_PEER_MISSING',
      message: expect.stringContaining('npm install pg'),
    })
    await expect(loadPgBoss({}, absent)).rejects.toMatchObject({
      code: 'PARAPET_ADAPTER_PEER_MISSING',
      message: expect.stringContaining('npm install pg-boss'),
    })
  })
})
