import { encodeOnnx, initialiserOf, type NamedBytes, openOnnx } from '../../src/graph/onnx-model.ts'
import { bytesField, integerField, joinBytes, textField, wireFields } from '../../src/graph/wire.ts'

// TensorProto: raw_data 9, external_data 13, data_location 14 (1 = EXTERNAL).
const RAW_DATA = 9

/** A graph whose weights were moved out, and the file that they lie in now. */
export interface MovedWeights {
  readonly graph: Uint8Array
  readonly data: Uint8Array
}

/** Moves the weights of 1 kB or more into a file beside the graph, as exporters do for large models. */
export function moveWeights(bytes: Uint8Array, location: string): MovedWeights {
  const model = openOnnx(bytes, 'tiny')
  const data: Uint8Array[] = []
  let offset = 0
  const move = (weight: NamedBytes): NamedBytes => {
    const [field] = wireFields(weight.bytes)
    const parts = field === undefined ? [] : [...wireFields(field.payload)]
    const raw = parts.find(({ number }) => number === RAW_DATA)?.payload
    if (raw === undefined || raw.length < 1024) return weight
    const kept = parts.filter(({ number }) => number !== RAW_DATA).map((part) => part.bytes)
    const place = [
      entry('location', location),
      entry('offset', String(offset)),
      entry('length', String(raw.length)),
    ]
    data.push(raw)
    offset += raw.length
    return initialiserOf(weight.name, joinBytes([...kept, ...place, integerField(14, 1)]))
  }
  const initialisers = model.graph.initialisers.map(move)
  return { graph: encodeOnnx({ ...model, graph: { ...model.graph, initialisers } }), data: joinBytes(data) }
}

function entry(key: string, value: string): Uint8Array {
  return bytesField(13, joinBytes([textField(1, key), textField(2, value)]))
}
