import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { closeModels } from '../../src/index.ts'
import { exportKserve } from '../../src/remote/index.ts'
import { widestGap } from '../builders/same-scores.ts'

/** A Python that has `mlserver` and `onnxruntime`. */
const PYTHON = process.env['PARAPET_TEST_MLSERVER_PYTHON']
const live = PYTHON === undefined ? describe.skip : describe

async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, '127.0.0.1')
      await once(server, 'listening')
      return server
    }),
  )
  const ports = servers.map((server) => (server.address() as { port: number }).port)
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return ports
}

live('the shipped encoder on MLServer', () => {
  let folder = ''
  let mlserver: ChildProcess
  let url = ''

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'parapet-mlserver-'))
    const { name, folder: model } = await exportKserve({ repository: folder, server: 'mlserver' })
    const [http_port, grpc_port, metrics_port] = await freePorts(3)
    const settings = { host: '127.0.0.1', http_port, grpc_port, metrics_port, parallel_workers: 0 }
    await writeFile(join(folder, 'settings.json'), JSON.stringify(settings))
    const start = 'from mlserver.cli import main; main()'
    mlserver = spawn(PYTHON ?? '', ['-c', start, 'start', folder], {
      env: { ...process.env, PYTHONPATH: model },
      stdio: 'ignore',
    })
    url = `http://127.0.0.1:${http_port}`
    for (;;) {
      const ready = await fetch(`${url}/v2/models/${name}/ready`).catch(() => undefined)
      if (ready?.ok) return
      if (mlserver.exitCode !== null) throw new Error(`mlserver ended with ${mlserver.exitCode}`)
      await wait(200)
    }
  }, 120_000)
  afterAll(async () => {
    mlserver.kill()
    if (mlserver.exitCode === null) await once(mlserver, 'exit')
    await rm(folder, { recursive: true })
    await closeModels()
  })

  test('gives the scores that it gives here, with the same calibration', async () => {
    const gap = await widestGap(url)

    console.log(`widest gap between MLServer's scores and ours: ${gap}`)
    // Another version of onnxruntime may add in another order; 8 bits hide all but that.
    expect(gap).toBeLessThan(1e-4)
  }, 120_000)
})
