import { existsSync, lstatSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { fault } from '../errors/codes.ts'
import type { Manifest } from '../model/manifest.ts'
import { type ModelFolder, openModelFolder } from '../model/model-folder.ts'
import { openExport } from '../model/open-export.ts'
import { resolveModelPackage } from '../model/resolve-model-package.ts'
import { downloadModel } from './download-model.ts'
import type { HubOptions } from './hub-options.ts'
import { parseModelReference } from './model-reference.ts'

/** The folder of the expected kind. */
type FolderOf<Kind extends Manifest['kind']> = ModelFolder<Extract<Manifest, { kind: Kind }>>

/**
 * Opens the model that a reference names:
 *
 * - a folder (a path that begins with a dot or `/`, a `file:` URL, or one that is there): with a `manifest.json`, or as
 *   an exporter wrote it, with `model.onnx`, `config.json` and `tokenizer.json`;
 * - the name of an installed weights package, such as `@parapet/model-sentinel`;
 * - `hf:owner/name@revision#dtype`: a chat model of a hub, fetched into the cache when it is not there.
 * @throws `PARAPET_HUB_…`, `PARAPET_MODEL_…`, `PARAPET_RUNTIME_OPTION_INVALID`, `PARAPET_RUNTIME_ABORTED`
 */
export async function resolveModel(reference: string, options?: HubOptions): Promise<ModelFolder>
export async function resolveModel<Kind extends Manifest['kind']>(
  reference: string,
  options: HubOptions | undefined,
  kind: Kind,
): Promise<FolderOf<Kind>>
export async function resolveModel(
  reference: string,
  options: HubOptions = {},
  kind?: Manifest['kind'],
): Promise<ModelFolder> {
  const folder = await openReference(reference, options)
  if (kind === undefined || folder.manifest.kind === kind) return folder
  const { id: model, kind: received } = folder.manifest
  throw fault('PARAPET_MODEL_KIND_WRONG', { model, received, expected: kind })
}

async function openReference(reference: string, options: HubOptions): Promise<ModelFolder> {
  const parsed = parseModelReference(reference)
  if (parsed.kind === 'hub') {
    const { repo, revision, dtype } = parsed
    return downloadModel({
      ...options,
      repo,
      ...(revision === undefined ? {} : { revision }),
      ...(dtype === undefined ? {} : { dtype }),
    })
  }
  const folder = folderNamed(parsed.name)
  if (folder === undefined) return openModelFolder(resolveModelPackage(parsed.name))
  const isExport =
    !isThere(folder, 'manifest.json') && ['model.onnx', 'onnx'].some((name) => isThere(folder, name))
  return isExport ? openExport(folder) : openModelFolder(folder)
}

/** Whether a folder has an entry, also a link that leads nowhere. */
function isThere(folder: string, name: string): boolean {
  try {
    return lstatSync(join(folder, name), { throwIfNoEntry: false }) !== undefined
  } catch {
    return false
  }
}

/** A folder, where the name is that of one. */
function folderNamed(name: string): string | undefined {
  if (name.startsWith('file:')) return fileURLToPath(name)
  if (isAbsolute(name) || name.startsWith('.')) return name
  const there = ['manifest.json', 'model.onnx', 'onnx'].some((file) => existsSync(join(name, file)))
  return there ? name : undefined
}
