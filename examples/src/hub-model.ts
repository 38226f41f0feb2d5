/**
 * A chat model of the Hugging Face hub by its name. Offline by a hub that is played here; with a reference as its argument
 * (`hf:onnx-community/Qwen2.5-0.5B-Instruct#q4`) from the real one, into your own cache.
 */
import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createModelHost, type HubOptions, listModels, resolveModel, verifyModel } from '@parapet/runtime'
import { tinyRepository } from '@parapet/runtime/testing'

const REPO = 'tiny-labs/tiny-chat'
const COMMIT = '5e'.repeat(20)

/** Plays the three addresses that are used of a hub, with a chat model that has learnt nothing. */
async function playHub(): Promise<{ endpoint: string; close(): void }> {
  const files = tinyRepository()
  const list = Object.entries(files).map(([path, content]) => {
    // As git names a file's content.
    const oid = createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex')
    return { type: 'file', path, size: content.length, oid }
  })
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '', 'http://hub')
    const content = files[pathname.split(`/${REPO}/resolve/${COMMIT}/`)[1] ?? '']
    if (pathname === `/api/models/${REPO}/revision/main`) response.end(JSON.stringify({ sha: COMMIT }))
    else if (pathname === `/api/models/${REPO}/tree/${COMMIT}`) response.end(JSON.stringify(list))
    else response.writeHead(content ? 200 : 404).end(content)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const close = () => {
    server.close()
    server.closeAllConnections()
  }
  return { endpoint: `http://127.0.0.1:${port}`, close }
}

const [wanted] = process.argv.slice(2)
const reference = wanted ?? `hf:${REPO}#q4`
const played = wanted === undefined ? await playHub() : undefined
const cacheFolder = played && (await mkdtemp(join(tmpdir(), 'parapet-hub-')))
const options: HubOptions = played && cacheFolder ? { endpoint: played.endpoint, cacheFolder } : {}
const host = createModelHost()
try {
  const { manifest, directory } = await resolveModel(reference, options, 'decoder')
  console.log(
    `${manifest.id} at ${manifest.version.slice(0, 8)}: ${manifest.layers} layers of ${manifest.hidden}`,
  )
  const states = (await verifyModel(directory)).map(({ state }) => state)
  console.log(`${states.filter((state) => state === 'right').length} of ${states.length} files are right`)
  played?.close()

  // From here on the cache alone is asked.
  const again = await resolveModel(reference, { ...options, offline: true }, 'decoder')
  const messages = [{ role: 'user', content: 'Hello' }] as const
  const { newTokens } = await host.decoder(again).generate({ messages, maxNewTokens: 4 }).finished
  console.log(`offline it wrote ${newTokens > 0 ? 'something' : 'nothing'}`)
  console.log(
    `in the cache: ${(await listModels(options)).map(({ repo, variant }) => `${repo} ${variant}`).join(', ')}`,
  )
} finally {
  played?.close()
  await host.close()
  if (cacheFolder !== undefined) await rm(cacheFolder, { recursive: true })
}
