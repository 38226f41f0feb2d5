import { copyFile, mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { type GraphInterface, type GraphTensor, readGraphInterface, verifyFile } from '@parapet/runtime'
import { fault } from '../../errors/codes.ts'
import { ENCODER_WEIGHTS } from '../../text-classifier/classifier-options.ts'
import { openWeightsFolder } from '../../weights/open-weights.ts'
import { MLSERVER_RUNTIME } from './mlserver-runtime.ts'
import { servedName } from './served-name.ts'

/** The servers that a model repository can be laid out for. */
export const KSERVE_SERVERS = ['triton', 'openvino', 'mlserver'] as const

export type KserveServerKind = (typeof KSERVE_SERVERS)[number]

/** What is exported, and where to. */
export interface ExportKserveOptions {
  /** The model repository: the model's folder is made in it. */
  readonly repository: string
  readonly server: KserveServerKind
  /** The weights: a package's name, or a folder. @default '@parapet/model-encoder' */
  readonly weights?: string
}

/** What was written. */
export interface ExportedModel {
  /** The name under which it is served, and the name of its folder. */
  readonly name: string
  /** Absolute path of its folder. */
  readonly folder: string
}

const GRAPH = 'model.onnx'
const VERSION = '1'

/**
 * Lays the graph of a text encoder out as a model repository of a KServe v2 server. Every file is checked against the
 * manifest, and the folder appears whole or not at all.
 * @throws `PARAPET_REMOTE_EXPORT_EXISTS`, `PARAPET_MODEL_…`
 */
export async function exportKserve(options: ExportKserveOptions): Promise<ExportedModel> {
  const { repository, server, weights = ENCODER_WEIGHTS } = options
  const folder = await openWeightsFolder(weights, 'encoder')
  const name = servedName(folder.manifest)
  const target = resolve(repository, name)
  const unfinished = `${target}.${process.pid}.unfinished`
  const described = await readGraphInterface(folder)
  const place = server === 'mlserver' ? unfinished : join(unfinished, VERSION)
  try {
    await mkdir(place, { recursive: true })
    for (const file of Object.keys(folder.manifest.files).filter((listed) => listed.startsWith(GRAPH))) {
      await verifyFile(folder, file)
      await copyFile(join(folder.directory, file), join(place, file))
    }
    for (const [file, content] of Object.entries(filesOf(server, name, described))) {
      await writeFile(join(unfinished, file), content)
    }
    // A folder that is there and not empty stays as it is: a server may be reading it.
    await rename(unfinished, target)
  } catch (cause) {
    await rm(unfinished, { recursive: true, force: true })
    const { code } = cause as NodeJS.ErrnoException
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw cause
    throw fault('PARAPET_REMOTE_EXPORT_EXISTS', { name }, { cause })
  }
  return { name, folder: target }
}

function filesOf(server: KserveServerKind, name: string, described: GraphInterface): Record<string, string> {
  if (server === 'triton') return { 'config.pbtxt': tritonConfig(name, described) }
  if (server === 'openvino') return {}
  return { 'model-settings.json': mlserverSettings(name, described), 'parapet_runtime.py': MLSERVER_RUNTIME }
}

const WIRE_TYPES = { int64: 'INT64', float32: 'FP32' } as const

/** Shapes are written out whole, so the server adds no dimension for a batch: one text a request. */
function tritonConfig(name: string, { inputs, outputs }: GraphInterface): string {
  const entry = ({ name, type, shape }: GraphTensor) =>
    `  { name: "${name}" data_type: TYPE_${WIRE_TYPES[type]} dims: [ ${shape.join(', ')} ] }`
  const list = (tensors: readonly GraphTensor[]) => tensors.map(entry).join(',\n')
  return `name: "${name}"
backend: "onnxruntime"
max_batch_size: 0
input [
${list(inputs)}
]
output [
${list(outputs)}
]
`
}

function mlserverSettings(name: string, { inputs, outputs }: GraphInterface): string {
  const tensors = (list: readonly GraphTensor[]) =>
    list.map((tensor) => ({ name: tensor.name, datatype: WIRE_TYPES[tensor.type], shape: tensor.shape }))
  const settings = {
    name,
    implementation: 'parapet_runtime.ParapetRuntime',
    parameters: { uri: `./${GRAPH}`, version: VERSION },
    inputs: tensors(inputs),
    outputs: tensors(outputs),
  }
  return `${JSON.stringify(settings, null, 2)}\n`
}
