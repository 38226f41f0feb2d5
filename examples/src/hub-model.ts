/**
 * A chat model of the Hugging Face hub by its name. Offline by a hub that is played here; with a reference as its argument
 * (`hf:onnx-community/Qwen2.5-0.5B-Instruct#q4`) from the real one, into your own cache.
 */
import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createModelHost, type HubOptions, listModels, resolveModel, verifyModel } from '@parapet/runtime'
import { tinyRepository } from '@parapet/runtime/testing'
import { HttpResponse, http } from 'msw'
import { setupServer } from 'msw/node'

const HUB = 'https://huggingface.co'
const REPO = 'tiny-labs/tiny-chat'
const COMMIT = '5e'.repeat(20)

/** Plays the three addresses that are used of a hub, with a chat model that has learnt nothing. */
function playHub(): { close(): void } {
  const files = tinyRepository()
  const oidOf = (content: Uint8Array) =>
    createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex')
  const server = setupServer(
    http.get(`${HUB}/api/models/${REPO}/revision/main`, () => HttpResponse.json({ sha: COMMIT })),
    http.get(`${HUB}/api/models/${REPO}/tree/${COMMIT}`, () => {
      const list = Object.entries(files).map(([path, content]) => {
        return { type: 'file', path, size: content.length, oid: oidOf(content) }
      })
      return HttpResponse.json(list)
    }),
    http.get(`${HUB}/${REPO}/resolve/${COMMIT}/*`, ({ request }) => {
      const content = files[new URL(request.url).pathname.split(`${COMMIT}/`)[1] ?? '']
      return content ? new HttpResponse(content.slice()) : new HttpResponse(null, { status: 404 })
    }),
  )
  server.listen({ onUnhandledFrame: 'error' })
  return server
}

const [wanted] = process.argv.slice(2)
const reference = wanted ?? `hf:${REPO}#q4`
const played = wanted === undefined ? playHub() : undefined
const cacheFolder = played ? await mkdtemp(join(tmpdir(), 'parapet-hub-')) : undefined
const options: HubOptions = cacheFolder === undefined ? {} : { cacheFolder, endpoint: HUB }
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
  await host.close()
  if (cacheFolder !== undefined) await rm(cacheFolder, { recursive: true })
}
