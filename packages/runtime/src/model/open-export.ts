import { lstat, readdir } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { fault } from '../errors/codes.ts'
import { shownName } from '../errors/shown-name.ts'
import { scanOnnxFile } from '../graph/scan-onnx-file.ts'
import { deriveManifest } from './derive-manifest.ts'
import type { DecoderModelFolder } from './model-folder.ts'
import { LARGEST_PROTOBUF_BYTES, MODEL_FILE } from './onnx-session.ts'
import { sha256Of } from './verified-file.ts'

/** Files of a chat model beside its graph and the graph's weights; the first two have to be there. */
export const MODEL_TEXT_FILES = [
  'config.json',
  'tokenizer.json',
  'tokenizer_config.json',
  'generation_config.json',
  'special_tokens_map.json',
  'chat_template.jinja',
] as const

/** Graphs that an error names; a repository has about ten. */
const MOST_NAMED = 12

/**
 * Opens the folder of a chat model as an exporter wrote it, with `model.onnx`, `config.json` and `tokenizer.json` but no
 * manifest. Its files are hashed as they are now: a change after that is noticed, one before is not.
 * @throws `PARAPET_MODEL_FILE_MISSING`, `…_FILE_LINKED`, `…_GRAPH_BELOW`, `…_FILE_OUTSIDE`, `…_FILE_TOO_LARGE`, `…_CONFIG_INVALID`, `…_CORRUPT`
 */
export async function openExport(directory: string): Promise<DecoderModelFolder> {
  const root = resolve(directory)
  const id = shownName(basename(root))
  const graph = await fileIn(root, MODEL_FILE, id)
  if (graph === undefined) {
    const graphs = await graphsBelow(root)
    if (graphs.length > 0) throw fault('PARAPET_MODEL_GRAPH_BELOW', { model: id, graphs })
    throw fault('PARAPET_MODEL_FILE_MISSING', { model: id, file: MODEL_FILE })
  }
  if (graph.bytes > LARGEST_PROTOBUF_BYTES) {
    const limitBytes = LARGEST_PROTOBUF_BYTES
    throw fault('PARAPET_MODEL_FILE_TOO_LARGE', {
      model: id,
      file: MODEL_FILE,
      bytes: graph.bytes,
      limitBytes,
    })
  }
  const scan = await scanOnnxFile(graph.path, id, MODEL_FILE)
  const files: DecoderModelFolder['manifest']['files'] = {}
  for (const name of [MODEL_FILE, ...MODEL_TEXT_FILES, ...scan.external]) {
    const found = await fileIn(root, name, id)
    if (found) files[name] = { sha256: await sha256Of(found.path), bytes: found.bytes }
    else if (scan.external.has(name)) throw fault('PARAPET_MODEL_FILE_MISSING', { model: id, file: name })
  }
  const model = { directory: root, id, version: 'unversioned', licence: 'unknown', files }
  return { directory: root, manifest: await deriveManifest(model, scan) }
}

/** A plain file of the folder, if it is there. @throws `PARAPET_MODEL_FILE_LINKED`: a link may lead anywhere */
async function fileIn(
  root: string,
  name: string,
  model: string,
): Promise<{ path: string; bytes: number } | undefined> {
  const path = join(root, name)
  const found = await lstat(path).catch(() => undefined)
  if (found?.isSymbolicLink()) throw fault('PARAPET_MODEL_FILE_LINKED', { model, file: name })
  return found?.isFile() ? { path, bytes: found.size } : undefined
}

/** The graphs of a repository as it was cloned, for the error: transformers.js keeps them in a folder of their own. */
async function graphsBelow(root: string): Promise<string[]> {
  const names = await readdir(join(root, 'onnx')).catch(() => [])
  return names
    .filter((name) => name.endsWith('.onnx'))
    .toSorted()
    .slice(0, MOST_NAMED)
    .map(shownName)
}
