import type { NamedBytes, OnnxModel } from './onnx-model.ts'
import { bytesField, integerField, joinBytes, lengthPrefix, textField, wireFields } from './wire.ts'

/** Smaller tensors stay in the graph: onnxruntime reads shapes and axes from them while it loads. */
const SMALLEST_REFERENCED_BYTES = 1024

// TensorProto: raw_data 9, external_data 13 (StringStringEntryProto: key 1, value 2), data_location 14 (1 = external).
const RAW_DATA = 9
const EXTERNAL_DATA = 13
const DATA_LOCATION = 14

/**
 * Replaces the weights inside an opened file by references to their place in that file. The edited graph is then a few
 * hundred kilobytes, and onnxruntime maps the weights from the file that lies there: no copy in this process, and
 * one copy in memory for several sessions on one file.
 * @param file the bytes that the model was opened from; weights that are no views on them stay as they are
 * @param fileName the file's name, as it lies in the folder that the session is given
 */
export function referenceWeights(model: OnnxModel, file: Uint8Array, fileName: string): OnnxModel {
  const initialisers = model.graph.initialisers.map((weight) => reference(weight, file, fileName))
  return { ...model, graph: { ...model.graph, initialisers } }
}

function reference(weight: NamedBytes, file: Uint8Array, fileName: string): NamedBytes {
  const [field] = wireFields(weight.bytes)
  if (field === undefined || weight.bytes.buffer !== file.buffer) return weight
  const kept: Uint8Array[] = []
  let data: Uint8Array | undefined
  for (const part of wireFields(field.payload)) {
    if (part.number === RAW_DATA) data = part.payload
    else kept.push(part.bytes)
  }
  if (data === undefined || data.length < SMALLEST_REFERENCED_BYTES) return weight
  const tensor = joinBytes([
    ...kept,
    entry('location', fileName),
    entry('offset', String(data.byteOffset - file.byteOffset)),
    entry('length', String(data.length)),
    integerField(DATA_LOCATION, 1),
  ])
  return { name: weight.name, bytes: joinBytes([lengthPrefix(field.number, tensor.length), tensor]) }
}

function entry(key: string, value: string): Uint8Array {
  return bytesField(EXTERNAL_DATA, joinBytes([textField(1, key), textField(2, value)]))
}
