import { shownName } from '../errors/shown-name.ts'
import {
  LARGEST_CONFIG_BYTES,
  LARGEST_TEMPLATE_BYTES,
  LARGEST_TOKENIZER_BYTES,
} from '../model/load-tokenizer.ts'
import { LARGEST_PROTOBUF_BYTES, MODEL_FILE } from '../model/onnx-session.ts'
import { MODEL_TEXT_FILES } from '../model/open-export.ts'
import { hubFault } from './codes.ts'
import { DTYPE_SUFFIXES, DTYPES, type Dtype } from './dtype.ts'
import type { ResolvedHubModel } from './hub-options.ts'
import type { Repository } from './list-repository.ts'
import { MODEL_LOCK_FILE } from './model-lock.ts'
import { folderOf, nameOf, type RepositoryFile } from './repository-file.ts'

/** A file of the repository, and the name under which it lies in the model's folder. */
export interface ChosenFile {
  readonly name: string
  readonly file: RepositoryFile
}

/** Where exporters put graphs: Optimum and transformers.js, onnxruntime-genai. */
const GRAPH_FOLDERS = ['onnx/', '']
const REQUIRED = ['config.json', 'tokenizer.json']
/** Names that the cache itself writes, or that mean something to the runtime. */
const RESERVED = ['manifest.json', MODEL_LOCK_FILE, MODEL_FILE, ...MODEL_TEXT_FILES] as readonly string[]
const PLAIN_NAME = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/
const MOST_FILES_BESIDE = 512

/**
 * Chooses a model's graph and the files that describe it; the small ones come first.
 * @throws `PARAPET_HUB_FILE_MISSING`, `PARAPET_HUB_TOO_LARGE`
 */
export function chooseFiles(hub: ResolvedHubModel, repository: Repository): ChosenFile[] {
  const { repo } = hub
  const graph = chooseGraph(hub, repository)
  const texts = MODEL_TEXT_FILES.flatMap((name) => {
    // Beside the graph where an exporter put a whole model into a folder, else at the top.
    const file = find(repository, folderOf(graph.path) + name) ?? find(repository, name)
    if (file) return [{ name, file }]
    if (REQUIRED.includes(name)) throw missing(repo, name, 'no such file')
    return []
  })
  const further = hub.files.map((path) => {
    const file = find(repository, path)
    if (file === undefined) throw missing(repo, path, 'no such file')
    return { name: nameOf(path), file }
  })
  const unusable = further.find(
    ({ name }, index) => !isFree(name) || further.findIndex((other) => other.name === name) !== index,
  )
  if (unusable) throw missing(repo, unusable.file.path, 'it under a name that is taken, or not plain')
  const chosen = [...texts, ...further, { name: MODEL_FILE, file: graph }]
  checkSizes(hub, chosen)
  return chosen
}

/**
 * The files beside the graph that it keeps its weights in. They lie under the names that the graph has for them.
 * @throws `PARAPET_HUB_FILE_MISSING`, `PARAPET_HUB_TOO_LARGE`
 */
export function chooseWeights(
  hub: ResolvedHubModel,
  repository: Repository,
  chosen: readonly ChosenFile[],
  external: ReadonlySet<string>,
): ChosenFile[] {
  const folder = folderOf(chosen.find(({ name }) => name === MODEL_FILE)?.file.path ?? '')
  const weights = [...external].map((name) => {
    const file = find(repository, folder + name)
    const taken = !isFree(name) || chosen.some((other) => other.name === name)
    if (file && !taken) return { name, file }
    throw missing(hub.repo, folder + name, taken ? 'it under a name that is taken' : 'no such file')
  })
  if (weights.length > MOST_FILES_BESIDE)
    throw missing(hub.repo, MODEL_FILE, `weights in more than ${MOST_FILES_BESIDE} files`)
  checkSizes(hub, [...chosen, ...weights])
  return weights
}

/** A guess at the weights beside a graph that has not come yet, for the total of a progress bar. */
export function likelyWeights(repository: Repository, graph: RepositoryFile): RepositoryFile[] {
  return repository.files.filter(
    ({ path }) => path.startsWith(`${graph.path}_data`) || path.startsWith(`${graph.path}.data`),
  )
}

function chooseGraph({ repo, dtype, file }: ResolvedHubModel, repository: Repository): RepositoryFile {
  const paths = file === undefined ? graphPaths(dtype) : [file]
  const found = paths.map((path) => find(repository, path)).find((graph) => graph !== undefined)
  if (found) return found
  const there = DTYPES.filter((other) => graphPaths(other).some((path) => find(repository, path)))
  const graphs = repository.files.filter(({ path }) => path.endsWith('.onnx')).map(({ path }) => path)
  if (there.length > 0) throw missing(repo, paths[0] ?? '', `the dtypes ${there.join(', ')}`)
  const listed = graphs.slice(0, 8).map(shownName).join(', ')
  throw missing(repo, paths[0] ?? '', listed === '' ? 'no ONNX file at all' : `the ONNX files ${listed}`)
}

function graphPaths(dtype: Dtype): string[] {
  return GRAPH_FOLDERS.map((folder) => `${folder}model${DTYPE_SUFFIXES[dtype]}.onnx`)
}

function checkSizes({ repo, maxBytes }: ResolvedHubModel, chosen: readonly ChosenFile[]): void {
  for (const { name, file } of chosen) {
    const most = mostBytes(name)
    if (file.bytes <= most) continue
    const details = { repository: repo, file: shownName(file.path), bytes: file.bytes }
    throw hubFault('PARAPET_HUB_TOO_LARGE', { ...details, limit: `the ${most} that such a file may have` })
  }
  const bytes = chosen.reduce((sum, { file }) => sum + file.bytes, 0)
  if (bytes <= maxBytes) return
  const details = { repository: repo, file: 'the whole model', bytes }
  throw hubFault('PARAPET_HUB_TOO_LARGE', { ...details, limit: `maxBytes, which is ${maxBytes}` })
}

/** What the runtime would refuse to read need not be fetched. */
function mostBytes(name: string): number {
  if (name === MODEL_FILE) return LARGEST_PROTOBUF_BYTES
  if (name === 'tokenizer.json') return LARGEST_TOKENIZER_BYTES
  if (name === 'chat_template.jinja') return LARGEST_TEMPLATE_BYTES
  return (MODEL_TEXT_FILES as readonly string[]).includes(name)
    ? LARGEST_CONFIG_BYTES
    : Number.MAX_SAFE_INTEGER
}

function isFree(name: string): boolean {
  return PLAIN_NAME.test(name) && !RESERVED.includes(name)
}

function find({ files }: Repository, path: string): RepositoryFile | undefined {
  return files.find((file) => file.path === path)
}

function missing(repository: string, path: string, there: string): Error {
  return hubFault('PARAPET_HUB_FILE_MISSING', { repository, file: shownName(path), there })
}
