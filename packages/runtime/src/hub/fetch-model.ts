import { mkdir, rename, rm, statfs, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type OnnxFileScan, scanOnnxFile } from '../graph/scan-onnx-file.ts'
import { deriveManifest } from '../model/derive-manifest.ts'
import type { DecoderManifest } from '../model/manifest.ts'
import { MODEL_FILE } from '../model/onnx-session.ts'
import { type CachePlace, variantOf } from './cache-place.ts'
import { type ChosenFile, chooseFiles, chooseWeights, likelyWeights } from './choose-files.ts'
import { hubFault } from './codes.ts'
import { downloadFile } from './download-file.ts'
import { digestFile, type FileDigest, isListed } from './file-digest.ts'
import type { ResolvedHubModel } from './hub-options.ts'
import type { Repository } from './list-repository.ts'
import { MODEL_LOCK_FILE, MODEL_LOCK_SCHEMA, type ModelLock } from './model-lock.ts'
import { type DownloadProgress, downloadProgress } from './progress.ts'

/**
 * Fetches a model's files into a folder that has a manifest and a record of their digests, and puts it at `target` in
 * one step. Files of a download that was broken off are kept and gone on with.
 * @throws `PARAPET_HUB_…`, `PARAPET_MODEL_…`, `PARAPET_RUNTIME_ABORTED`
 */
export async function fetchModel(
  hub: ResolvedHubModel,
  place: CachePlace,
  repository: Repository,
  target: string,
): Promise<void> {
  const incoming = `${target}.incoming`
  await mkdir(incoming, { recursive: true })
  await mkdir(place.parts, { recursive: true })
  const chosen = chooseFiles(hub, repository)
  const graph = chosen.filter(({ name }) => name === MODEL_FILE).map(({ file }) => file)
  const progress = downloadProgress(hub)
  const guessed = graph.flatMap((file) => likelyWeights(repository, file))
  progress.expect([...chosen.map(({ file }) => file), ...guessed])
  await checkRoom(incoming, [...chosen.map(({ file }) => file), ...guessed])

  const source: Source = { hub, place, commit: repository.commit, incoming, progress }
  const found = await fetchAll(source, chosen)
  const scan = await scanOnnxFile(join(incoming, MODEL_FILE), hub.repo, MODEL_FILE)
  // Before gigabytes of weights are fetched: a model that is not usable here is refused now.
  const described = await describe(source, repository, chosen, found, scan)
  const weights = chooseWeights(hub, repository, chosen, scan.external)
  const all = [...chosen, ...weights]
  progress.expect(all.map(({ file }) => file))
  for (const [name, digest] of await fetchAll(source, weights)) found.set(name, digest)

  const lock = lockOf(hub, repository, all, found)
  const manifest = { ...described, files: filesOf(lock) }
  await writeFile(join(incoming, MODEL_LOCK_FILE), `${JSON.stringify(lock, null, 2)}\n`)
  await writeFile(join(incoming, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`)
  await publish(incoming, target)
}

interface Source {
  readonly hub: ResolvedHubModel
  readonly place: CachePlace
  readonly commit: string
  readonly incoming: string
  readonly progress: DownloadProgress
}

async function fetchAll(
  { hub, place, commit, incoming, progress }: Source,
  chosen: readonly ChosenFile[],
): Promise<Map<string, FileDigest>> {
  const found = new Map<string, FileDigest>()
  for (const { name, file } of chosen) {
    const target = join(incoming, name)
    const before = await digestFile(target).catch(() => undefined)
    if (before && isListed(before, file)) {
      progress.report(file, file.bytes)
      found.set(name, before)
      continue
    }
    const report = (bytes: number) => progress.report(file, bytes)
    const places = { partFolder: place.parts, target }
    found.set(name, await downloadFile(hub, commit, file, places, report))
  }
  return found
}

async function describe(
  { hub, incoming }: Source,
  repository: Repository,
  chosen: readonly ChosenFile[],
  found: ReadonlyMap<string, FileDigest>,
  scan: OnnxFileScan,
): Promise<DecoderManifest> {
  const files = filesOf(lockOf(hub, repository, chosen, found))
  const { commit: version, licence } = repository
  return deriveManifest({ directory: incoming, id: hub.repo, version, licence, files }, scan)
}

function filesOf(lock: ModelLock): DecoderManifest['files'] {
  return Object.fromEntries(
    Object.entries(lock.files).map(([name, { sha256, bytes }]) => [name, { sha256, bytes }]),
  )
}

function lockOf(
  hub: ResolvedHubModel,
  { commit, licence }: Repository,
  chosen: readonly ChosenFile[],
  found: ReadonlyMap<string, FileDigest>,
): ModelLock {
  const files = chosen.flatMap(({ name, file }) => {
    const digest = found.get(name)
    return digest ? [[name, { path: file.path, ...digest }] as const] : []
  })
  return {
    schema: MODEL_LOCK_SCHEMA,
    endpoint: hub.endpoint.href,
    repo: hub.repo,
    revision: hub.revision,
    commit,
    variant: variantOf(hub),
    licence,
    files: Object.fromEntries(files),
  }
}

/** Says at once what would fail after gigabytes. Parts that are here already are counted as if they were not. */
async function checkRoom(folder: string, files: readonly { readonly bytes: number }[]): Promise<void> {
  const neededBytes = files.reduce((sum, { bytes }) => sum + bytes, 0)
  const { bavail, bsize } = await statfs(folder)
  // Some file systems of networks say that they have no blocks at all.
  const known = bavail > 0 || bsize > 0
  if (known && neededBytes > bavail * bsize) throw hubFault('PARAPET_HUB_DISK_FULL', { neededBytes })
}

/** Moves a folder at once. What stands in its place has no manifest: it is no model any more. */
async function publish(incoming: string, target: string): Promise<void> {
  await rm(target, { recursive: true, force: true })
  await rename(incoming, target)
}
