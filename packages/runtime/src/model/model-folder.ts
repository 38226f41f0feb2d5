import { readFile, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { fault } from '../errors/codes.ts'
import { isRuntimeError } from '../errors/runtime-error.ts'
import { type DecoderManifest, type EncoderManifest, type Manifest, manifestSchema } from './manifest.ts'

/** Manifests list a few dozen files. */
const LARGEST_MANIFEST_BYTES = 4 * 1024 * 1024

/** A model's files and what its manifest says about them; the files are checked when a host loads them. */
export interface ModelFolder<Kind extends Manifest = Manifest> {
  /** Absolute path of the folder. */
  readonly directory: string
  readonly manifest: Kind
}

export type EncoderModelFolder = ModelFolder<EncoderManifest>
export type DecoderModelFolder = ModelFolder<DecoderManifest>

/** What the expected kind of a folder is. */
type FolderOf<Kind extends Manifest['kind']> = ModelFolder<Extract<Manifest, { kind: Kind }>>

/**
 * Reads and checks the manifest of a model folder. Nothing else is opened: weights are checked and loaded by a host.
 * @throws `PARAPET_MODEL_MANIFEST_INVALID`, `PARAPET_MODEL_FILE_MISSING` (no manifest), `PARAPET_MODEL_KIND_WRONG`
 */
export async function openModelFolder(directory: string): Promise<ModelFolder>
export async function openModelFolder<Kind extends Manifest['kind']>(
  directory: string,
  kind: Kind,
): Promise<FolderOf<Kind>>
export async function openModelFolder(directory: string, kind?: Manifest['kind']): Promise<ModelFolder> {
  const root = resolve(directory)
  const manifest = parseManifest(await readManifest(root))
  if (kind !== undefined && manifest.kind !== kind) {
    throw fault('PARAPET_MODEL_KIND_WRONG', { model: manifest.id, received: manifest.kind, expected: kind })
  }
  return { directory: root, manifest }
}

/** Path of a file that the manifest lists. */
export function fileOf(folder: ModelFolder, file: string): string {
  if (!Object.hasOwn(folder.manifest.files, file)) {
    throw fault('PARAPET_MODEL_MANIFEST_INVALID', {
      path: `files.${file}`,
      problem: 'the file is needed and not listed',
    })
  }
  return join(folder.directory, file)
}

async function readManifest(directory: string): Promise<unknown> {
  const path = join(directory, 'manifest.json')
  let text: string
  try {
    const { size: bytes } = await stat(path)
    if (bytes > LARGEST_MANIFEST_BYTES) {
      const problem = `it has ${bytes} bytes, and at most ${LARGEST_MANIFEST_BYTES} are read`
      throw fault('PARAPET_MODEL_MANIFEST_INVALID', { path: '', problem })
    }
    text = await readFile(path, 'utf8')
  } catch (cause) {
    if (isRuntimeError(cause)) throw cause
    throw fault('PARAPET_MODEL_FILE_MISSING', { model: 'unknown', file: 'manifest.json' }, { cause })
  }
  try {
    return JSON.parse(text)
  } catch {
    throw fault('PARAPET_MODEL_MANIFEST_INVALID', { path: '', problem: 'it is not JSON' })
  }
}

function parseManifest(value: unknown): Manifest {
  const parsed = manifestSchema.safeParse(value)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  throw fault('PARAPET_MODEL_MANIFEST_INVALID', {
    path: issue?.path.join('.') ?? '',
    problem: issue?.message ?? 'it has another form',
  })
}
