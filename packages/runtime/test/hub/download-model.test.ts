import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import {
  createModelHost,
  downloadModel,
  type HubModelOptions,
  type HubProgress,
  listModels,
  openModelFolder,
  removeModels,
  verifyModel,
} from '@parapet/runtime'
import { tinyConfig } from '@parapet/runtime/testing'
import { MODEL_LOCK_FILE } from '../../src/hub/model-lock.ts'
import { tinyDecoder } from '../../src/testing/tiny-decoder.ts'
import { moveWeights } from './external-weights.ts'
import { COMMIT, type FakeHub, REPO, startFakeHub } from './fake-hub.ts'

/** Starting a host, and disks that are busy, take their time on a busy machine; nothing is asserted of it. */
jest.setTimeout(240_000)

let cacheFolder: string
let hub: FakeHub
beforeEach(async () => {
  cacheFolder = await mkdtemp(join(tmpdir(), 'parapet-hub-'))
  hub = await startFakeHub()
  hub.arrived = async (bytes) => {
    const sizes = await Promise.all((await partFiles()).map(async (path) => (await stat(path)).size))
    return sizes.some((size) => size >= bytes)
  }
})
afterEach(async () => {
  await hub.close()
  await rm(cacheFolder, { recursive: true })
})

const download = (options: Partial<HubModelOptions> = {}) =>
  downloadModel({ repo: REPO, endpoint: hub.endpoint, cacheFolder, idleTimeoutMs: 120_000, ...options })
const code = (name: string) => expect.objectContaining({ code: name })
const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'done',
    (error: { code?: string }) => error.code,
  )
/** Requests for a file's bytes. */
const fetched = (path: string) => hub.seen.filter((seen) => seen.path === `/${path}`)
const GRAPH = 'onnx/model.onnx'
const graphBytes = () => hub.files[GRAPH]?.length ?? 0

describe('downloadModel', () => {
  test('gives a folder that a model host loads', async () => {
    const folder = await download()
    const host = createModelHost({ threads: 1 })
    try {
      const { reason } = await host
        .decoder(folder)
        .generate({ messages: [{ role: 'user', content: 'good' }], maxNewTokens: 2 }).finished
      expect(reason).toMatch(/end|max-tokens/)
    } finally {
      await host.close()
    }
  })

  test('writes the manifest from the configuration', async () => {
    const folder = await download()

    expect(folder.manifest).toMatchObject({
      id: REPO,
      version: COMMIT,
      licence: 'apache-2.0',
      layers: 4,
      hidden: 32,
      kvHeads: 1,
      headSize: 16,
      contextTokens: 2048,
      // The end of the text and the end of a turn.
      chat: { eosTokenIds: [256, 258] },
    })
    expect(await openModelFolder(folder.directory, 'decoder')).toEqual(folder)
    expect((await readdir(folder.directory)).sort()).toEqual([
      'chat_template.jinja',
      'config.json',
      'generation_config.json',
      'manifest.json',
      'model.onnx',
      MODEL_LOCK_FILE,
      'tokenizer.json',
      'tokenizer_config.json',
    ])
  })

  test('chooses the file of a dtype, and says which there are', async () => {
    await download({ dtype: 'q4' })

    expect(hub.seen.filter(({ path }) => path.endsWith('.onnx')).map(({ path }) => path)).toContain(
      '/onnx/model_q4.onnx',
    )
    await expect(download({ dtype: 'q8' })).rejects.toMatchObject({
      code: 'PARAPET_HUB_FILE_MISSING',
      message: expect.stringContaining('the dtypes fp32, q4'),
    })
  })

  test('fetches the files that a graph keeps its weights in, and runs them', async () => {
    const { graph, data } = moveWeights(tinyDecoder(), 'weights-0.bin')
    hub.files[GRAPH] = graph
    hub.files['onnx/weights-0.bin'] = data
    const folder = await download()
    const host = createModelHost({ threads: 1 })
    try {
      const messages = [{ role: 'user' as const, content: 'good' }]
      const { text } = await host.decoder(folder).generate({ messages, maxNewTokens: 3 }).finished
      const whole = await download({ dtype: 'q4' })
      expect(text).toBe((await host.decoder(whole).generate({ messages, maxNewTokens: 3 }).finished).text)
    } finally {
      await host.close()
    }

    expect(folder.manifest.files['weights-0.bin']?.bytes).toBe(data.length)
  })

  test('a graph file of another name, and further files', async () => {
    hub.files['cpu/int4.onnx'] = tinyDecoder()
    hub.files['notes/calibration.json'] = new TextEncoder().encode('{}')

    const { manifest } = await download({ file: 'cpu/int4.onnx', files: ['notes/calibration.json'] })

    expect(Object.keys(manifest.files)).toEqual(expect.arrayContaining(['model.onnx', 'calibration.json']))
    expect(await codeOf(download({ files: ['README.md', 'nothing.md'] }))).toBe('PARAPET_HUB_FILE_MISSING')
    expect(await codeOf(download({ files: ['manifest.json'] }))).toBe('PARAPET_HUB_FILE_MISSING')
  })

  test('tells how far it is, and ends at the whole', async () => {
    const told: HubProgress[] = []
    await download({ onProgress: (progress) => told.push(progress) })

    const { bytes, totalBytes } = told.at(-1) as HubProgress
    expect(bytes).toBe(totalBytes)
    expect(totalBytes).toBeGreaterThan(graphBytes())
    expect(told.every((one, index) => one.bytes >= (told[index - 1]?.bytes ?? 0))).toBe(true)
  })
})

describe('the cache', () => {
  test('a commit that is there is opened without a request', async () => {
    const first = await download({ revision: COMMIT })
    const before = hub.seen.length

    expect(await download({ revision: COMMIT })).toEqual(first)
    expect(hub.seen.length).toBe(before)
  })

  test('offline, a branch is what it was the last time; what was never fetched is refused', async () => {
    const first = await download()
    const before = hub.seen.length

    expect(await download({ offline: true })).toEqual(first)
    expect(await codeOf(download({ offline: true, dtype: 'q4' }))).toBe('PARAPET_HUB_OFFLINE')
    expect(hub.seen.length).toBe(before)
  })

  test('HF_HUB_OFFLINE is honoured', async () => {
    process.env['HF_HUB_OFFLINE'] = '1'
    try {
      expect(await codeOf(download())).toBe('PARAPET_HUB_OFFLINE')
    } finally {
      delete process.env['HF_HUB_OFFLINE']
    }
    expect(hub.seen).toEqual([])
  })

  test('without a network a branch is what it was; with one, it is looked up', async () => {
    const first = await download()
    hub.commit = '2e'.repeat(20)
    const second = await download()
    await hub.close()

    expect(second.manifest.version).toBe('2e'.repeat(20))
    expect(first.directory).not.toBe(second.directory)
    expect(await download({ attempts: 1 })).toEqual(second)
    hub = await startFakeHub()
  })

  test('verify notices a byte that changed, and remove removes', async () => {
    const { directory } = await download()
    expect((await verifyModel(directory)).map(({ state }) => state)).not.toContain('changed')
    await writeFile(join(directory, 'tokenizer_config.json'), '{}')
    await rm(join(directory, 'config.json'))

    const states = Object.fromEntries((await verifyModel(directory)).map(({ file, state }) => [file, state]))
    expect(states).toMatchObject({
      'tokenizer_config.json': 'changed',
      'config.json': 'missing',
      'model.onnx': 'right',
    })
    const models = await listModels({ cacheFolder })
    expect(models).toMatchObject([
      { repo: REPO, commit: COMMIT, variant: 'fp32', revision: 'main', directory },
    ])
    await removeModels(models)
    expect(await listModels({ cacheFolder })).toEqual([])
  })

  test('a manifest that was changed is not what was fetched', async () => {
    const { directory } = await download()
    const path = join(directory, 'manifest.json')
    const manifest = await readFile(path, 'utf8')
    await writeFile(path, manifest.replace(/("model.onnx": \{\s*"sha256": ")[0-9a-f]{4}/, '$10000'))

    expect(await verifyModel(directory)).toContainEqual({ file: 'model.onnx', state: 'changed' })
  })

  test('a record that is damaged is refused', async () => {
    const { directory } = await download()
    await writeFile(join(directory, MODEL_LOCK_FILE), '{"schema": "other"}')

    await expect(verifyModel(directory)).rejects.toEqual(code('PARAPET_HUB_LOCK_INVALID'))
    expect(await listModels({ cacheFolder })).toEqual([])
  })
})

describe('a download that breaks', () => {
  test('goes on where it was cut, with the tag that it had', async () => {
    hub.mischief.set(`stored:${GRAPH}`, [{ cutAfter: 5_000 }])

    await download()

    const [first, second] = fetched(GRAPH)
    expect(first?.headers.range).toBeUndefined()
    expect(second?.headers.range).toMatch(/^bytes=[1-9]\d*-$/)
    expect(second?.headers['if-range']).toMatch(/^"[0-9a-f]{32}"$/)
    expect(second?.status).toBe(206)
  })

  test('goes on in another process’s stead: what was kept is not fetched again', async () => {
    hub.mischief.set(`stored:${GRAPH}`, [{ cutAfter: 5_000 }])
    expect(await codeOf(download({ attempts: 1 }))).toBe('PARAPET_HUB_UNREACHABLE')
    const small = fetched('config.json').length

    await download()

    expect(fetched(GRAPH).at(-1)?.status).toBe(206)
    expect(fetched('config.json').length).toBe(small)
  })

  test('starts anew where the host knows no ranges, or the tag changed', async () => {
    hub.mischief.set(`stored:${GRAPH}`, [{ cutAfter: 5_000 }, { ignoreRange: true }])

    await download()

    expect(fetched(GRAPH).map(({ status }) => status)).toEqual([200, 200])
  })

  test('a range that is not the missing one is not written', async () => {
    const wrong = { 'content-range': `bytes 0-9/${graphBytes()}` }
    hub.mischief.set(`stored:${GRAPH}`, [{ cutAfter: 5_000 }, { headers: wrong }])

    const folder = await download()

    expect((await stat(join(folder.directory, 'model.onnx'))).size).toBe(graphBytes())
    expect(fetched(GRAPH).map(({ status }) => status)).toEqual([200, 206, 200])
  })

  test('a part that was damaged on the disk is fetched again, once', async () => {
    hub.mischief.set(`stored:${GRAPH}`, [{ cutAfter: 5_000 }])
    await codeOf(download({ attempts: 1 }))
    const parts = await partFiles()
    expect(parts.length).toBe(2)
    await writeFile(parts.find((path) => path.endsWith('.part')) ?? '', 'x'.repeat(3_000))

    const folder = await download()

    expect((await verifyModel(folder.directory)).every(({ state }) => state === 'right')).toBe(true)
  })

  test('other bytes than the listed ones are refused and not kept', async () => {
    const other = new Uint8Array(graphBytes()).fill(7)
    hub.mischief.set(`stored:${GRAPH}`, [{ body: other }])

    expect(await codeOf(download())).toBe('PARAPET_HUB_DIGEST_MISMATCH')
    expect(await partFiles()).toEqual([])
    expect(await listModels({ cacheFolder })).toEqual([])
  })

  test('a file that git keeps is held to git’s digest', async () => {
    const config = hub.files['config.json'] ?? new Uint8Array()
    hub.mischief.set('stored:config.json', [{ body: config.map((byte) => (byte === 0x32 ? 0x33 : byte)) }])

    expect(await codeOf(download())).toBe('PARAPET_HUB_DIGEST_MISMATCH')
  })

  test('more bytes than were listed are not written', async () => {
    const other = new Uint8Array(graphBytes() + 100_000)
    hub.mischief.set(`stored:${GRAPH}`, [{ body: other }])

    expect(await codeOf(download())).toBe('PARAPET_HUB_ANSWER_MALFORMED')
    for (const path of await partFiles()) expect((await stat(path)).size).toBeLessThanOrEqual(graphBytes())
  })

  test('is tried again after 429 and 5xx, and no more often than was allowed', async () => {
    hub.mischief.set(`/tree/${COMMIT}`, [{ status: 503 }])
    hub.mischief.set(`stored:${GRAPH}`, [{ status: 429, headers: { 'retry-after': '0' } }])
    await download()

    hub.mischief.set('/revision/main', [{ status: 500 }, { status: 502 }])
    expect(await codeOf(download({ attempts: 2, dtype: 'q4' }))).toBe('PARAPET_HUB_UNAVAILABLE')
  })

  test('a host that falls silent is left', async () => {
    hub.mischief.set(`stored:${GRAPH}`, [{ hang: true }])

    await expect(download({ attempts: 1, idleTimeoutMs: 300 })).rejects.toMatchObject({
      code: 'PARAPET_HUB_UNREACHABLE',
      message: expect.stringContaining('nothing came for 300 ms'),
    })
  })

  test('an abort ends it at once, and what came is kept', async () => {
    hub.mischief.set(`stored:${GRAPH}`, [{ hang: true }])
    const leaving = new AbortController()
    const left = codeOf(download({ signal: leaving.signal }))
    while (fetched(GRAPH).length === 0) await sleep(10)
    await sleep(50)
    leaving.abort()

    expect(await left).toBe('PARAPET_RUNTIME_ABORTED')
    expect((await partFiles()).length).toBeGreaterThan(0)
    expect(await codeOf(download())).toBe('done')
  })

  test('a broken progress callback ends it, and is not taken for a fault of the hub', async () => {
    const onProgress = () => {
      throw new RangeError('mine')
    }

    await expect(download({ onProgress })).rejects.toThrow('mine')
  })
})

describe('what is refused before it is fetched', () => {
  test.each([
    [401, 'PARAPET_HUB_UNAUTHORIZED'],
    [403, 'PARAPET_HUB_UNAUTHORIZED'],
    [404, 'PARAPET_HUB_NOT_FOUND'],
    [418, 'PARAPET_HUB_REFUSED'],
  ])('a status of %s', async (status, expected) => {
    hub.mischief.set('/revision/main', [{ status }])

    expect(await codeOf(download())).toBe(expected)
    expect(hub.seen.length).toBe(1)
  })

  test('a model larger than maxBytes, and a tokenizer of a gigabyte', async () => {
    expect(await codeOf(download({ maxBytes: 1000 }))).toBe('PARAPET_HUB_TOO_LARGE')
    hub.listed = (entry) => (entry['path'] === 'tokenizer.json' ? { ...entry, size: 1e9 } : entry)
    expect(await codeOf(download())).toBe('PARAPET_HUB_TOO_LARGE')
    expect(hub.seen.filter(({ path }) => !path.startsWith('/api'))).toEqual([])
  })

  test('what the disk has no room for', async () => {
    hub.files['onnx/model.onnx_data'] = new Uint8Array(1)
    hub.listed = (entry) =>
      entry['path'] === 'onnx/model.onnx_data'
        ? { ...entry, lfs: { oid: '0'.repeat(64), size: Number.MAX_SAFE_INTEGER } }
        : entry

    await expect(download({ maxBytes: Number.MAX_SAFE_INTEGER })).rejects.toMatchObject({
      code: 'PARAPET_HUB_DISK_FULL',
      message: expect.stringContaining('PARAPET_CACHE'),
    })
    expect(hub.seen.filter(({ path }) => !path.startsWith('/api'))).toEqual([])
  })

  test.each([
    ['a path upwards', { path: '../../etc/config.json' }],
    ['an absolute path', { path: '/etc/passwd' }],
    ['a path with a control character', { path: 'a\u0007b' }],
    ['no digest', { oid: 'abc' }],
    ['a size that is none', { size: -1 }],
  ])('a list with %s', async (_, changes) => {
    hub.listed = (entry) => (entry['path'] === 'config.json' ? { ...entry, ...changes } : entry)

    expect(await codeOf(download())).toBe('PARAPET_HUB_ANSWER_MALFORMED')
  })

  test.each([
    ['more layers than the graph', { num_hidden_layers: 40 }],
    ['other heads than the graph', { num_key_value_heads: 2 }],
    ['another vocabulary', { vocab_size: 32_000 }],
    ['a number that no model has', { hidden_size: 1e15 }],
    ['a text for a number', { max_position_embeddings: 'many' }],
    ['an end outside its vocabulary', { eos_token_id: 5_000_000 }],
  ])('a config.json that lies: %s', async (_, changes) => {
    hub.files['config.json'] = tinyConfig(changes)
    delete hub.files['generation_config.json']

    expect(await codeOf(download())).toBe('PARAPET_MODEL_CONFIG_INVALID')
    expect(await listModels({ cacheFolder })).toEqual([])
  })

  test('options of the wrong kind, and none of a token in the message', async () => {
    expect(await codeOf(download({ attempts: 0 }))).toBe('PARAPET_RUNTIME_OPTION_INVALID')
    expect(await codeOf(download({ dtype: 'q5' as 'q4' }))).toBe('PARAPET_RUNTIME_OPTION_INVALID')
    expect(await codeOf(download({ endpoint: 'http://hub.example' }))).toBe('PARAPET_RUNTIME_OPTION_INVALID')
    expect(await codeOf(download({ repo: '../etc' }))).toBe('PARAPET_HUB_REFERENCE_INVALID')
    expect(await codeOf(download({ file: '../x.onnx' }))).toBe('PARAPET_RUNTIME_OPTION_INVALID')
    await expect(download({ token: 'hf_canary\n' })).rejects.toMatchObject({
      code: 'PARAPET_RUNTIME_OPTION_INVALID',
      message: expect.not.stringContaining('canary'),
    })
  })
})

/** Files of downloads that are not whole. */
async function partFiles(): Promise<string[]> {
  const found = await readdir(cacheFolder, { recursive: true, withFileTypes: true })
  return found
    .filter((entry) => entry.isFile() && entry.parentPath.endsWith('parts'))
    .map((entry) => join(entry.parentPath, entry.name))
}
