import { fault } from '../errors/codes.ts'
import { type NamedBytes, openOnnx } from '../graph/onnx-model.ts'
import { tensorTypeOf } from '../graph/tensor-type.ts'
import { wireFields } from '../graph/wire.ts'
import type { ModelFolder } from './model-folder.ts'
import { MODEL_FILE } from './onnx-session.ts'
import { readVerifiedFile } from './verified-file.ts'

/** An input or output of a graph. */
export interface GraphTensor {
  readonly name: string
  readonly type: 'float32' | 'int64'
  /** −1 where the graph leaves a dimension open. */
  readonly shape: readonly number[]
}

/** What a graph takes and gives. */
export interface GraphInterface {
  readonly inputs: readonly GraphTensor[]
  readonly outputs: readonly GraphTensor[]
}

/** TensorProto.DataType. */
const TYPES: Readonly<Record<number, GraphTensor['type']>> = { 1: 'float32', 7: 'int64' }

/**
 * Reads what the graph of a model folder takes and gives, for servers that want to be told. The file is checked first.
 * @throws `PARAPET_MODEL_FILE_MISSING`, `…_DIGEST_MISMATCH`, `…_CORRUPT`
 */
export async function readGraphInterface(folder: ModelFolder): Promise<GraphInterface> {
  const model = folder.manifest.id
  const bytes = await readVerifiedFile(folder, MODEL_FILE)
  const { graph } = openOnnx(bytes, model, MODEL_FILE)
  // Old exports list their weights among the inputs.
  const weights = new Set(graph.initialisers.map(({ name }) => name))
  const tensor = (value: NamedBytes) => tensorOf(value, model)
  return {
    inputs: graph.inputs.filter(({ name }) => !weights.has(name)).map(tensor),
    outputs: graph.outputs.map(tensor),
  }
}

function tensorOf({ name, bytes }: NamedBytes, model: string): GraphTensor {
  const [value] = wireFields(bytes)
  const found = tensorTypeOf(value?.payload ?? bytes)
  const type = found && TYPES[found.elementType]
  if (!type) {
    const problem = `its tensor "${name}" is neither float32 nor int64`
    throw fault('PARAPET_MODEL_CORRUPT', { model, file: MODEL_FILE, problem })
  }
  return { name, type, shape: found.shape }
}
