import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire'
import { encodeOnnx, type NamedBytes, openOnnx } from '../../src/graph/onnx-model.ts'
import { bytesField, joinBytes, lengthPrefix, wireFields } from '../../src/graph/wire.ts'
import { seededFloats } from '../../src/testing/onnx-builder.ts'
import {
  TINY_CHAT_TEMPLATE,
  TINY_CONTROL_TOKENS,
  tinyByteTokenizer,
} from '../../src/testing/tiny-tokenizer.ts'
import { writeModelFolder } from '../../src/testing/write-model-folder.ts'

/** Graphs that real exporters made (`export_layouts.py`), by exporter and family. */
export const LAYOUTS = [
  'genai-llama',
  'genai-llama-int4',
  'genai-qwen2',
  'genai-qwen3',
  'genai-phi3',
  'genai-gemma2',
  'genai-gemma3',
  'genai-gemma3-int4',
  'optimum-llama',
  'optimum-qwen2',
  'optimum-qwen3',
  'optimum-phi3',
  'optimum-gemma2',
  'optimum-gpt2',
] as const
export type Layout = (typeof LAYOUTS)[number]

/** What a layout's manifest says of it. */
export interface LayoutFacts {
  readonly madeBy: Readonly<Record<string, string>>
  readonly layers: number
  readonly hidden: number
  readonly vocabulary: number
  readonly kvHeads: number
  readonly headSize: number
  readonly contextTokens: number
}

export function layoutFacts(layout: Layout): LayoutFacts {
  return JSON.parse(readFileSync(new URL(`${layout}.json`, import.meta.url), 'utf8'))
}

/** The graph of a layout, its weights filled in: the same numbers for the same seed. */
export function layoutGraph(layout: Layout, seed = 1): Uint8Array {
  const packed = readFileSync(new URL(`${layout}.onnx.gz`, import.meta.url))
  const model = openOnnx(gunzipSync(packed), layout)
  const initialisers = model.graph.initialisers.map((weight, index) => filled(weight, seed * 1000 + index))
  return encodeOnnx({ ...model, graph: { ...model.graph, initialisers } })
}

/** Writes the folder of a layout's model. */
export async function writeLayout(directory: string, layout: Layout, seed = 1): Promise<void> {
  await writeModelFolder(
    directory,
    {
      'model.onnx': layoutGraph(layout, seed),
      'tokenizer.json': tinyByteTokenizer(),
      'tokenizer_config.json': { tokenizer_class: 'GPT2Tokenizer', chat_template: TINY_CHAT_TEMPLATE },
    },
    {
      ...layoutFacts(layout),
      id: layout,
      kind: 'decoder',
      chat: { eosTokenIds: [TINY_CONTROL_TOKENS['<|im_end|>']] },
    },
  )
}

// TensorProto: dims 1, data_type 2 (1 = float32, 2 = uint8), raw_data 9; 4, 5, 7: data in other forms.
const FLOAT32 = 1
const UINT8 = 2

function filled({ name, bytes }: NamedBytes, seed: number): NamedBytes {
  const [field] = wireFields(bytes)
  if (!field) throw new Error('a field has a payload')
  const { size, type, hasData } = tensorHeader(field.payload)
  if (hasData || size === 0 || (type !== FLOAT32 && type !== UINT8)) return { name, bytes }
  const floats = seededFloats(seed, size, 0.4)
  // int4 weights, scales' zero points: any byte is one.
  const data =
    type === FLOAT32 ? new Uint8Array(floats.buffer) : Uint8Array.from(floats, (value) => (value + 0.4) * 319)
  const tensor = joinBytes([field.payload, bytesField(9, data)])
  return { name, bytes: joinBytes([lengthPrefix(field.number, tensor.length), tensor]) }
}

function tensorHeader(tensor: Uint8Array): { size: number; type: number; hasData: boolean } {
  const reader = new BinaryReader(tensor)
  let size = 1
  let type = 0
  let hasData = false
  while (reader.pos < reader.len) {
    const [number, wire] = reader.tag()
    if (number === 1 && wire === WireType.Varint) size *= Number(reader.int64())
    else if (number === 1) {
      const end = reader.uint32() + reader.pos
      while (reader.pos < end) size *= Number(reader.int64())
    } else if (number === 2) type = reader.int32()
    else {
      hasData ||= [4, 5, 7, 9].includes(number)
      reader.skip(wire, number)
    }
  }
  return { size, type, hasData }
}
