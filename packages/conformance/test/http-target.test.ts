import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, jest } from '@jest/globals'
import { httpTarget, openBench } from '@parapet/conformance'
import { findingsOf } from './findings-of.ts'
import { type CheckForm, type GatewayOptions, startGateway } from './gateway.ts'

const ROWS = ['released-unjudged', 'text-leak', 'failed-check-passes', 'reasons-shown']

async function driveGateway(rest: Pick<GatewayOptions, 'form' | 'idle'>, rows: readonly string[]) {
  const bench = await openBench()
  const gateway = await startGateway({ upstreamUrl: bench.upstreamUrl, judgeUrl: bench.judge.url, ...rest })
  try {
    return await findingsOf(httpTarget({ url: gateway.url }), rows, bench)
  } finally {
    gateway.close()
    await bench.close()
  }
}

jest.setTimeout(180_000)

describe('a gateway', () => {
  it.each(['own', 'moderation', 'litellm'] as const satisfies readonly CheckForm[])(
    'that does right is clean, asking the check in the form "%s"',
    async (form) => {
      const found = await driveGateway({ form }, ROWS)

      expect(found.filter(({ clean }) => clean !== true)).toEqual([])
      expect(found).toHaveLength(ROWS.length)
    },
  )

  it('that asks the check and does not act on it is found', async () => {
    const found = await driveGateway({ form: 'own', idle: true }, [
      'text-leak',
      'failed-check-passes',
      'reasons-shown',
    ])

    expect(found).toMatchObject([
      { row: 'text-leak', value: 2, clean: false },
      { row: 'failed-check-passes', value: 8, clean: false },
      { row: 'reasons-shown', value: 'n/a', clean: 'n/a' },
    ])
  })

  it('that refuses every call cannot be asked, and its status is named', async () => {
    const bench = await openBench()
    const wrong = createServer((_, response) => response.writeHead(401).end())
    await new Promise<void>((resolve) => wrong.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(wrong.address() as AddressInfo).port}/v1`

    await expect(findingsOf(httpTarget({ url }), [], bench)).rejects.toMatchObject({
      code: 'PARAPET_CONFORMANCE_NOT_DRIVEN',
      message: expect.stringContaining('status 401'),
    })
    wrong.close()
    await bench.close()
  })
})
