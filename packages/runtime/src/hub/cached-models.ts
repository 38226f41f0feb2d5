import { readdir, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { isRuntimeError } from '../errors/runtime-error.ts'
import { cacheFault } from './cache-fault.ts'
import { hubFolder } from './cache-place.ts'
import { type HubOptions, resolveHubOptions } from './hub-options.ts'
import { type ModelLock, readModelLock } from './model-lock.ts'

/** A model of the cache. */
export interface CachedModel {
  /** `owner/name` */
  readonly repo: string
  readonly commit: string
  /** The dtype, or the name of another choice of files. */
  readonly variant: string
  /** What was asked for when it was fetched. */
  readonly revision: string
  readonly licence: string
  /** Origin of the hub that it is from. */
  readonly endpoint: string
  /** Bytes of its files, as they were fetched. */
  readonly bytes: number
  readonly directory: string
}

/**
 * Lists the models of the cache, of every hub, in the order of their names. Folders that hold no readable record are
 * left out.
 * @throws `PARAPET_HUB_CACHE_UNUSABLE`, `PARAPET_RUNTIME_OPTION_INVALID`
 */
export async function listModels(options?: Pick<HubOptions, 'cacheFolder'>): Promise<CachedModel[]> {
  const models: CachedModel[] = []
  for (const repository of await repositories(options)) {
    for (const commit of await folders(join(repository, 'models'))) {
      for (const variant of await folders(commit)) {
        if (variant.endsWith('.incoming')) continue
        const lock = await readModelLock(variant).catch((error: unknown) => {
          if (isRuntimeError(error)) return undefined
          throw error
        })
        if (lock) models.push(cachedModel(lock, variant))
      }
    }
  }
  const key = ({ repo, commit, variant }: CachedModel) => `${repo}\0${commit}\0${variant}`
  return models.sort((a, b) => (key(a) < key(b) ? -1 : 1))
}

/** Removes models from the cache. @throws `PARAPET_HUB_CACHE_UNUSABLE` */
export async function removeModels(models: readonly CachedModel[]): Promise<void> {
  try {
    for (const { directory } of models) await rm(directory, { recursive: true, force: true })
  } catch (error) {
    throw cacheFault(error)
  }
}

/**
 * Removes what downloads that were broken off have left: of every repository, or of one.
 * @param repo `owner/name`
 * @throws `PARAPET_HUB_CACHE_UNUSABLE`
 */
export async function removeUnfinished(
  options?: Pick<HubOptions, 'cacheFolder'>,
  repo?: string,
): Promise<void> {
  try {
    for (const repository of await repositories(options)) {
      if (repo !== undefined && basename(repository) !== repo.replace('/', '--')) continue
      await rm(join(repository, 'parts'), { recursive: true, force: true })
      for (const commit of await folders(join(repository, 'models'))) {
        for (const variant of await folders(commit))
          if (variant.endsWith('.incoming')) await rm(variant, { recursive: true, force: true })
      }
    }
  } catch (error) {
    throw cacheFault(error)
  }
}

async function repositories(options?: Pick<HubOptions, 'cacheFolder'>): Promise<string[]> {
  const hosts = await folders(hubFolder(resolveHubOptions(options)))
  return (await Promise.all(hosts.map(folders))).flat()
}

function cachedModel(lock: ModelLock, directory: string): CachedModel {
  const { repo, commit, variant, revision, licence, endpoint } = lock
  const bytes = Object.values(lock.files).reduce((sum, file) => sum + file.bytes, 0)
  return { repo, commit, variant, revision, licence, endpoint: new URL(endpoint).origin, bytes, directory }
}

async function folders(path: string): Promise<string[]> {
  try {
    const found = await readdir(path, { withFileTypes: true })
    return found.filter((entry) => entry.isDirectory()).map(({ name }) => join(path, name))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw cacheFault(error)
  }
}
