import type { OnnxModel } from './onnx-model.ts'
import { wireFields, wireText } from './wire.ts'

// TensorProto: external_data 13 (StringStringEntryProto: key 1, value 2).
const EXTERNAL_DATA = 13

/** The files that a graph's weights lie in, as the graph names them: each once, in order. The data is not touched. */
export function externalFiles({ graph }: OnnxModel): string[] {
  const files = new Set<string>()
  for (const { bytes } of graph.initialisers) {
    const [field] = wireFields(bytes)
    for (const part of wireFields(field?.payload ?? new Uint8Array(0))) {
      if (part.number !== EXTERNAL_DATA) continue
      const [key, value] = [...wireFields(part.payload)]
      if (key && value && wireText(key.payload) === 'location') files.add(wireText(value.payload))
    }
  }
  return [...files]
}
