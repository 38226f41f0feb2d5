import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { fault } from '../errors/codes.ts'
import { checkEndpoint } from './address.ts'
import { DTYPES, type Dtype } from './dtype.ts'
import { checkRepository, checkRevision } from './model-reference.ts'
import { checkRepositoryPath } from './repository-file.ts'

/** How a hub and the cache of its models are used. */
export interface HubOptions {
  /** Folder that models are kept in. @default `PARAPET_CACHE`, else `$XDG_CACHE_HOME/parapet` or `~/.cache/parapet` */
  readonly cacheFolder?: string
  /** Sent to the endpoint's origin and to no other host. @default `HF_TOKEN`, else none */
  readonly token?: string
  /** Address of the hub: https, or http on this machine. @default `HF_ENDPOINT`, else https://huggingface.co */
  readonly endpoint?: string
  /** Whether only the cache is used. @default what `HF_HUB_OFFLINE` says (1, true, yes, on), else false */
  readonly offline?: boolean
  /** Bytes that one model may have in all, 1 or more. @default 8 GiB */
  readonly maxBytes?: number
  /** Times that a request is made at most before its fault is told, 1 to 20; each 1 MiB received starts anew. @default 5 */
  readonly attempts?: number
  /** Milliseconds without a byte after which a request is broken off, 1 or more. @default 30000 */
  readonly idleTimeoutMs?: number
  /** Takes the download back; what was received stays for the next one. */
  readonly signal?: AbortSignal
  /** Told as bytes arrive, some ten times a second at most, and at each file's end. What it throws ends the download. */
  readonly onProgress?: (progress: HubProgress) => void
}

/** Which model, and of it what. */
export interface HubModelOptions extends HubOptions {
  /** `owner/name` */
  readonly repo: string
  /** A branch, a tag or a commit. @default 'main' */
  readonly revision?: string
  /** The precision of the weights: which of the repository's ONNX files. @default 'fp32' */
  readonly dtype?: Dtype
  /** Path of the ONNX file in the repository, where it has another name than dtype finds. Not together with dtype. */
  readonly file?: string
  /** Paths of further files to fetch, such as `calibration.json`; they are put beside the model under their last name. */
  readonly files?: readonly string[]
}

/** How far a download is. */
export interface HubProgress {
  /** Path of the file in the repository. */
  readonly file: string
  readonly fileBytes: number
  readonly fileTotalBytes: number
  /** Bytes of all files of the model that are here, those of an earlier download included. */
  readonly bytes: number
  /** Bytes of all files that are known to belong to it: files beside the graph may be found as the graph is read. */
  readonly totalBytes: number
}

/** Options, checked and completed. */
export interface ResolvedHub {
  readonly cacheFolder: string
  readonly token: string | undefined
  readonly endpoint: URL
  readonly offline: boolean
  readonly maxBytes: number
  readonly attempts: number
  readonly idleTimeoutMs: number
  readonly signal: AbortSignal
  readonly onProgress: (progress: HubProgress) => void
}

export interface ResolvedHubModel extends ResolvedHub {
  readonly repo: string
  readonly revision: string
  readonly dtype: Dtype
  readonly file: string | undefined
  readonly files: readonly string[]
}

const HUB = 'https://huggingface.co'
const DEFAULT_MAX_BYTES = 8 * 1024 ** 3
const HUB_NAMES = [
  'cacheFolder',
  'token',
  'endpoint',
  'offline',
  'maxBytes',
  'attempts',
  'idleTimeoutMs',
  'signal',
  'onProgress',
]
const MODEL_NAMES = ['repo', 'revision', 'dtype', 'file', 'files']

/** @throws `PARAPET_RUNTIME_OPTION_INVALID` */
export function resolveHubOptions(options: HubOptions = {}, further: readonly string[] = []): ResolvedHub {
  const known = [...HUB_NAMES, ...further]
  for (const name of Object.keys(options)) {
    if (!known.includes(name)) throw invalid(name, 'not an option', `one of ${known.join(', ')}`)
  }
  const {
    token = process.env['HF_TOKEN'] || undefined,
    offline = isOn(process.env['HF_HUB_OFFLINE']),
    maxBytes = DEFAULT_MAX_BYTES,
    attempts = 5,
    idleTimeoutMs = 30_000,
    signal = new AbortController().signal,
    onProgress = () => {},
  } = options
  checkNumber('maxBytes', maxBytes, Number.MAX_SAFE_INTEGER)
  checkNumber('attempts', attempts, 20)
  checkNumber('idleTimeoutMs', idleTimeoutMs, 2 ** 31 - 1)
  // Never shown: it is a key.
  if (token !== undefined && !(typeof token === 'string' && /^[\x21-\x7e]{1,512}$/.test(token)))
    throw invalid('token', 'no token', 'plain characters without spaces')
  if (typeof offline !== 'boolean') throw invalid('offline', `of type ${typeof offline}`, 'true or false')
  const endpoint = checkEndpoint(options.endpoint ?? (process.env['HF_ENDPOINT'] || HUB))
  const cacheFolder = options.cacheFolder ?? defaultCacheFolder()
  if (typeof cacheFolder !== 'string' || cacheFolder === '' || cacheFolder.includes('\0'))
    throw invalid('cacheFolder', 'no path', 'the path of a folder')
  return {
    cacheFolder: resolve(cacheFolder),
    token,
    endpoint,
    offline,
    maxBytes,
    attempts,
    idleTimeoutMs,
    signal,
    onProgress,
  }
}

/** @throws `PARAPET_RUNTIME_OPTION_INVALID`, `PARAPET_HUB_REFERENCE_INVALID` */
export function resolveHubModelOptions(options: HubModelOptions): ResolvedHubModel {
  const { repo, revision = 'main', dtype, file, files = [], ...hub } = options
  const resolved = resolveHubOptions(hub, MODEL_NAMES)
  if (dtype !== undefined && !DTYPES.includes(dtype)) {
    throw invalid('dtype', 'another value', `one of ${DTYPES.join(', ')}`)
  }
  if (dtype !== undefined && file !== undefined) {
    throw invalid('file', 'given together with dtype', 'one of the two')
  }
  for (const path of [...(file === undefined ? [] : [file]), ...files]) {
    if (typeof path !== 'string' || !checkRepositoryPath(path))
      throw invalid('files', 'no path of a repository', 'paths such as onnx/model.onnx')
  }
  return {
    ...resolved,
    repo: checkRepository(String(repo)),
    revision: checkRevision(String(revision)),
    dtype: dtype ?? 'fp32',
    file,
    files,
  }
}

function defaultCacheFolder(): string {
  const own = process.env['PARAPET_CACHE']
  if (own) return own
  return join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'parapet')
}

/** As the hub's own libraries read switches. */
function isOn(value: string | undefined): boolean {
  return ['1', 'ON', 'YES', 'TRUE'].includes((value ?? '').toUpperCase())
}

function checkNumber(option: string, value: number, most: number): void {
  if (Number.isSafeInteger(value) && value >= 1 && value <= most) return
  throw invalid(option, String(value), `a whole number from 1 to ${most}`)
}

function invalid(option: string, received: string, expected: string): Error {
  return fault('PARAPET_RUNTIME_OPTION_INVALID', { option, received, expected })
}
