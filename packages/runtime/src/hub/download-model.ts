import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { isRuntimeError } from '../errors/runtime-error.ts'
import { type DecoderModelFolder, openModelFolder } from '../model/model-folder.ts'
import { cacheFault } from './cache-fault.ts'
import { withCacheLock } from './cache-lock.ts'
import { type CachePlace, cachePlace, modelPlace, refPlace, variantOf } from './cache-place.ts'
import { hubFault } from './codes.ts'
import { fetchModel } from './fetch-model.ts'
import { type HubModelOptions, type ResolvedHubModel, resolveHubModelOptions } from './hub-options.ts'
import { listRepository, type Repository } from './list-repository.ts'
import { isCommit } from './model-reference.ts'

/** The hub gave no answer; what is here serves in its place. */
const UNANSWERED = ['PARAPET_HUB_UNREACHABLE', 'PARAPET_HUB_UNAVAILABLE', 'PARAPET_HUB_RATE_LIMITED']

/**
 * Fetches a chat model from a hub into the cache, and opens its folder. Every file is of one commit and is checked
 * against the digest that the hub lists; the folder gets a manifest, which a model host checks again when it loads.
 *
 * A commit that is in the cache is opened without the network. A branch or tag is looked up each time; where the hub
 * cannot be reached, what it named the last time is opened. Processes that fetch the same model wait for one another.
 * @throws `PARAPET_HUB_…`, `PARAPET_MODEL_…` (the model is not usable here), `PARAPET_RUNTIME_OPTION_INVALID`,
 *   `PARAPET_RUNTIME_ABORTED`
 */
export async function downloadModel(options: HubModelOptions): Promise<DecoderModelFolder> {
  const hub = resolveHubModelOptions(options)
  try {
    return await openModelFolder(await cachedOrFetched(hub), 'decoder')
  } catch (error) {
    throw cacheFault(error)
  }
}

async function cachedOrFetched(hub: ResolvedHubModel): Promise<string> {
  const place = cachePlace(hub, hub.repo)
  const known = isCommit(hub.revision) ? hub.revision : await readRef(place, hub.revision)
  const kept = known === undefined ? undefined : await keptModel(place, known, hub)
  if (kept !== undefined && (hub.offline || isCommit(hub.revision))) return kept
  const { repo: repository, revision } = hub
  if (hub.offline) throw hubFault('PARAPET_HUB_OFFLINE', { repository, revision, variant: variantOf(hub) })

  let listed: Repository
  try {
    listed = await listRepository(hub, repository, revision)
  } catch (error) {
    if (kept !== undefined && isRuntimeError(error) && UNANSWERED.includes(error.code)) return kept
    throw error
  }
  const target = modelPlace(place, listed.commit, hub)
  if ((await keptModel(place, listed.commit, hub)) === undefined) {
    await mkdir(dirname(target), { recursive: true })
    await withCacheLock(`${target}.lock`, hub.signal, async () => {
      // Another process may have done it meanwhile.
      if ((await keptModel(place, listed.commit, hub)) === undefined) {
        await fetchModel(hub, place, listed, target)
      }
    })
  }
  await writeRef(place, revision, listed.commit)
  return target
}

/** A model's folder is in its place only when it is whole. */
async function keptModel(
  place: CachePlace,
  commit: string,
  hub: ResolvedHubModel,
): Promise<string | undefined> {
  const target = modelPlace(place, commit, hub)
  const found = await stat(join(target, 'manifest.json')).catch(() => undefined)
  return found === undefined ? undefined : target
}

async function readRef(place: CachePlace, revision: string): Promise<string | undefined> {
  const commit = await readFile(refPlace(place, revision), 'utf8').catch(() => '')
  return isCommit(commit) ? commit : undefined
}

async function writeRef(place: CachePlace, revision: string, commit: string): Promise<void> {
  if (revision === commit || (await readRef(place, revision)) === commit) return
  await mkdir(place.refs, { recursive: true })
  const path = refPlace(place, revision)
  await writeFile(`${path}.${process.pid}.new`, commit)
  await rename(`${path}.${process.pid}.new`, path)
}
