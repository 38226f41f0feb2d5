import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { ResolvedHub, ResolvedHubModel } from './hub-options.ts'

/**
 * Where a repository's models lie in the cache:
 * `hub/<host>/<owner>--<name>/{models/<commit>/<variant>/, refs/, parts/}`.
 */
export interface CachePlace {
  /** Folder of the repository. */
  readonly repository: string
  /** What a revision named when the hub was last asked: a file for each, which holds the commit. */
  readonly refs: string
  /** Files that are not whole. */
  readonly parts: string
  readonly models: string
}

export function cachePlace(hub: ResolvedHub, repo: string): CachePlace {
  const repository = join(hubFolder(hub), hostFolder(hub.endpoint), repo.replace('/', '--'))
  return {
    repository,
    refs: join(repository, 'refs'),
    parts: join(repository, 'parts'),
    models: join(repository, 'models'),
  }
}

/** The part of the cache folder that models of hubs lie in. */
export function hubFolder({ cacheFolder }: Pick<ResolvedHub, 'cacheFolder'>): string {
  return join(cacheFolder, 'hub')
}

/** The folder of one model: a commit, and what was chosen of it. */
export function modelPlace(place: CachePlace, commit: string, hub: ResolvedHubModel): string {
  return join(place.models, commit, variantOf(hub))
}

/** A short name of what was chosen: the dtype, or a digest of the paths. */
export function variantOf({ dtype, file, files }: ResolvedHubModel): string {
  if (file === undefined && files.length === 0) return dtype
  const chosen = JSON.stringify([file ?? dtype, [...files].sort()])
  return `${file === undefined ? dtype : 'file'}-${createHash('sha256').update(chosen).digest('hex').slice(0, 12)}`
}

/** The file that holds a revision's commit. */
export function refPlace(place: CachePlace, revision: string): string {
  return join(place.refs, encodeURIComponent(revision))
}

/** A host as a folder's name; a mirror's path belongs to it, since it may serve other files. */
function hostFolder({ host, pathname }: URL): string {
  return encodeURIComponent(pathname === '/' ? host : `${host}${pathname}`).replaceAll('%', '_')
}
