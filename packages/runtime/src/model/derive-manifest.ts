import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { fault } from '../errors/codes.ts'
import { shownName } from '../errors/shown-name.ts'
import type { OnnxFileScan } from '../graph/scan-onnx-file.ts'
import type { TensorType } from '../graph/tensor-type.ts'
import { LARGEST_CONFIG_BYTES, LARGEST_TOKENIZER_BYTES } from './load-tokenizer.ts'
import { type DecoderManifest, decoderManifestSchema, MANIFEST_SCHEMA } from './manifest.ts'
import { type ModelConfig, readModelConfig } from './model-config.ts'

/** A chat model's files, which no manifest describes yet. */
export interface UndescribedModel {
  readonly directory: string
  readonly id: string
  readonly version: string
  readonly licence: string
  /** Every file, with its digest. */
  readonly files: DecoderManifest['files']
}

const PAST = /^past_key_values\.(\d+)\.(key|value)$/
/** What a pass feeds beside keys and values. */
const FED = ['input_ids', 'attention_mask', 'position_ids']
/** TensorProto.DataType. */
const FLOAT = 1
const INT64 = 7
const TYPE_NAMES: Readonly<Record<number, string>> = {
  1: 'float32',
  7: 'int64',
  10: 'float16',
  16: 'bfloat16',
}

const tokenText = z.union([
  z.string(),
  z.looseObject({ content: z.string() }).transform(({ content }) => content),
])
const tokenizerConfigSchema = z.looseObject({ eos_token: tokenText.nullish() })
/** Far above what a tokenizer adds for its template, for speech or for images. */
const MOST_ADDED_TOKENS = 65_536
const addedTokenSchema = z.object({ id: z.int().nonnegative(), content: z.string() })

/**
 * Writes the manifest of a chat model that comes without one, from `config.json`, `generation_config.json`, the
 * tokenizer's end token and what its graph takes and gives. Where configuration and graph disagree, the model is
 * refused: one of them is of another model.
 * @throws `PARAPET_MODEL_CONFIG_INVALID`, `PARAPET_MODEL_FILE_MISSING`, `…_FILE_TOO_LARGE`, `…_CORRUPT`
 */
export async function deriveManifest(model: UndescribedModel, graph: OnnxFileScan): Promise<DecoderManifest> {
  const invalid = (problem: string) => fault('PARAPET_MODEL_CONFIG_INVALID', { model: model.id, problem })
  const config = readModelConfig(
    await readJson(model, 'config.json', LARGEST_CONFIG_BYTES),
    await readJson(model, 'generation_config.json', LARGEST_CONFIG_BYTES, {}),
  )
  if (typeof config === 'string') throw invalid(config)
  const problem = disagreement(config, graph)
  if (problem !== undefined) throw invalid(problem)

  const end = await endToken(model)
  const eosTokenIds = [...new Set([...config.eosTokenIds, ...(end === undefined ? [] : [end])])]
  if (eosTokenIds.length === 0) throw invalid('no token is named that ends an answer (eos_token_id)')
  const outside = eosTokenIds.find((id) => id >= config.vocabulary)
  if (outside !== undefined) throw invalid(`its end token ${outside} is not in its vocabulary`)
  const { bosTokenId, layers, hidden, vocabulary, kvHeads, headSize, contextTokens } = config
  const { id, version, licence, files } = model
  const manifest = decoderManifestSchema.safeParse({
    schema: MANIFEST_SCHEMA,
    kind: 'decoder',
    id,
    version,
    licence,
    files,
    chat: { eosTokenIds, ...(bosTokenId === undefined ? {} : { bosTokenId }) },
    layers,
    hidden,
    vocabulary,
    kvHeads,
    headSize,
    contextTokens,
  })
  if (manifest.success) return manifest.data
  throw invalid(`${manifest.error.issues[0]?.path.join('.') ?? ''} is not usable in a manifest`)
}

/** What the configuration says and the graph does not bear out. */
function disagreement(config: ModelConfig, { inputs, outputs }: OnnxFileScan): string | undefined {
  const ids = inputs.get('input_ids')
  if (ids?.elementType !== INT64) return 'its graph has no input input_ids of int64'
  const logits = outputs.get('logits')
  if (logits?.elementType !== FLOAT) return `its graph has no output logits of float32${toldType(logits)}`
  if (isOther(logits.shape.at(-1), config.vocabulary))
    return `config.json says vocab_size ${config.vocabulary}, and its graph gives ${logits.shape.at(-1)} logits`
  const past = [...inputs].flatMap(([name, type]) => {
    const found = PAST.exec(name)
    return found ? [{ layer: Number(found[1]), type }] : []
  })
  const foreign = [...inputs.keys()].find((name) => !FED.includes(name) && !PAST.test(name))
  if (foreign !== undefined) return `its graph wants an input "${shownName(foreign)}", which nothing feeds`
  if (past.length === 0) return 'its graph takes no past keys and values'
  const layers = new Set(past.map(({ layer }) => layer))
  if (layers.size !== config.layers || past.length !== 2 * config.layers)
    return `config.json says ${config.layers} layers, and its graph takes the past of ${layers.size}`
  for (const { type } of past) {
    if (type?.elementType !== FLOAT) return `its past keys and values are not of float32${toldType(type)}`
    const [, heads, , size] = type.shape
    if (type.shape.length !== 4 || isOther(heads, config.kvHeads) || isOther(size, config.headSize))
      return `config.json says ${config.kvHeads} heads of ${config.headSize} in keys and values, and its graph takes [${type.shape.join(', ')}]`
  }
  return undefined
}

function isOther(dimension: number | undefined, expected: number): boolean {
  return dimension !== undefined && dimension !== -1 && dimension !== expected
}

function toldType(type: TensorType | undefined): string {
  const name = type && TYPE_NAMES[type.elementType]
  return name === undefined ? '' : `, but of ${name}: choose the dtype fp32, q8 or q4`
}

/** The id of the text that the tokenizer's configuration calls the end: for chat models, that of a turn. */
async function endToken(model: UndescribedModel): Promise<number | undefined> {
  const config = await readJson(model, 'tokenizer_config.json', LARGEST_CONFIG_BYTES, {})
  const end = tokenizerConfigSchema.safeParse(config).data?.eos_token
  if (end === undefined || end === null) return undefined
  const tokenizer = await readJson(model, 'tokenizer.json', LARGEST_TOKENIZER_BYTES)
  const added: unknown = isObject(tokenizer) ? tokenizer['added_tokens'] : undefined
  if (!Array.isArray(added)) return undefined
  if (added.length > MOST_ADDED_TOKENS) {
    const problem = `tokenizer.json adds ${added.length} tokens, and ${MOST_ADDED_TOKENS} at most are read`
    throw fault('PARAPET_MODEL_CONFIG_INVALID', { model: model.id, problem })
  }
  // A stranger's file, in the app's own process: the one token that is sought is checked, and no other.
  const found = added.find((token: unknown) => isObject(token) && token['content'] === end)
  return addedTokenSchema.safeParse(found).data?.id
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null

async function readJson(
  { id, directory, files }: UndescribedModel,
  file: string,
  limitBytes: number,
  otherwise?: unknown,
): Promise<unknown> {
  if (!Object.hasOwn(files, file)) {
    if (otherwise !== undefined) return otherwise
    throw fault('PARAPET_MODEL_FILE_MISSING', { model: id, file })
  }
  const path = join(directory, file)
  const { size: bytes } = await stat(path)
  if (bytes > limitBytes) throw fault('PARAPET_MODEL_FILE_TOO_LARGE', { model: id, file, bytes, limitBytes })
  try {
    return JSON.parse(await readFile(path, 'utf8'))
  } catch {
    throw fault('PARAPET_MODEL_CORRUPT', { model: id, file, problem: 'it is not JSON' })
  }
}
