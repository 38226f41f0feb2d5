import { mkdir, mkdtemp, open, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { createModelHost, type ModelHost, openModelFolder } from '@parapet/runtime'
import { writeTinyDecoder, writeTinyEncoder } from '@parapet/runtime/testing'
import { bytesField, integerField, joinBytes, textField } from '../../src/graph/wire.ts'
import { FLOAT, floats, graph, INT64, integers, model, node, value } from '../../src/testing/onnx-builder.ts'
import { tinyDecoder } from '../../src/testing/tiny-decoder.ts'
import { tinyByteTokenizer } from '../../src/testing/tiny-tokenizer.ts'
import { moveWeights } from '../hub/external-weights.ts'

/** Hosts start and end here, on machines that may be busy; no time is asserted. */
const PATIENCE_MS = 240_000
const MESSAGES = [{ role: 'user' as const, content: 'good' }]

let root: string
/** One for all: what ends it is replaced, and the next test goes on with that. */
const host: ModelHost = createModelHost({
  threads: 1,
  loadTimeoutMs: 120_000,
  unresponsiveMs: 20_000,
  maxHeapMb: 128,
})
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'parapet-hostile-'))
  await writeTinyEncoder(join(root, 'healthy'))
})
afterAll(async () => {
  await host.close()
  await rm(root, { recursive: true })
})

let count = 0
const newFolder = () => {
  count += 1
  return join(root, String(count))
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'no error',
    (error: { code?: string }) => error.code ?? String(error),
  )
}

/** What becomes of a chat model that is asked something, and whether its host's next model still answers. */
async function fateOf(folder: string, content = 'good'): Promise<string> {
  const decoder = host.decoder(await openModelFolder(folder, 'decoder'))
  const messages = [{ role: 'user' as const, content }]
  const code = await codeOf(decoder.generate({ messages, maxNewTokens: 2 }).finished)
  await expectHealthy()
  return code
}

async function expectHealthy(): Promise<void> {
  const encoder = host.encoder(await openModelFolder(join(root, 'healthy'), 'encoder'))
  const [reading] = await encoder.read({ texts: ['good'] })
  expect(reading).toMatchObject({ kind: 'read' })
}

const decoderWith = async (changes: Parameters<typeof writeTinyDecoder>[1]) => {
  const folder = newFolder()
  await writeTinyDecoder(folder, changes)
  return folder
}

describe('a graph from a stranger', () => {
  const inputs = [value('input_ids', INT64, [1, 'sequence'])]
  const outputs = [value('logits', FLOAT, [1, 'sequence', 259])]
  const weight = floats('weight', [2], Float32Array.of(1, 2))
  const graphs: Record<string, { bytes: Uint8Array; code: RegExp }> = {
    'an operator that onnxruntime does not have': {
      bytes: model({
        nodes: [node('Steal', ['input_ids'], ['logits'], { domain: 'stranger.operators' })],
        inputs,
        outputs,
      }),
      code: /^PARAPET_MODEL_LOAD_FAILED$/,
    },
    'a weight whose shape is larger than its data': {
      bytes: model({
        nodes: [node('Add', ['weight', 'weight'], ['logits'])],
        // TensorProto: dims 1, data_type 2, name 8, raw_data 9.
        initialisers: [
          joinBytes([
            integerField(1, 1_000_000),
            integerField(1, 1_000_000),
            integerField(2, FLOAT),
            textField(8, 'weight'),
            bytesField(9, new Uint8Array(8)),
          ]),
        ],
        inputs,
        outputs,
      }),
      code: /^PARAPET_MODEL_LOAD_(FAILED|CRASHED)$/,
    },
    'a weight with a negative shape': {
      bytes: model({
        nodes: [node('Add', ['weight', 'weight'], ['logits'])],
        initialisers: [
          joinBytes([
            integerField(1, -4),
            integerField(2, FLOAT),
            textField(8, 'weight'),
            bytesField(9, new Uint8Array(16)),
          ]),
        ],
        inputs,
        outputs,
      }),
      code: /^PARAPET_MODEL_LOAD_(FAILED|CRASHED)$/,
    },
    'a tensor of more memory than there is': {
      bytes: model({
        nodes: [
          node('ConstantOfShape', ['shape'], ['vast']),
          node('ReduceSum', ['vast'], ['sum'], { attributes: { keepdims: 0 } }),
          node('Add', ['sum', 'weight'], ['logits']),
        ],
        initialisers: [weight, integers('shape', [1], [2 ** 45])],
        inputs,
        outputs,
      }),
      code: /^PARAPET_(MODEL_LOAD_(FAILED|CRASHED)|RUNTIME_(RUN_FAILED|HOST_CRASHED)|MODEL_OUTPUT_MALFORMED)$/,
    },
    'subgraphs in subgraphs in subgraphs': {
      bytes: model({
        nodes: [
          Array.from({ length: 200 }).reduce<Uint8Array>(
            (inner) =>
              node('If', ['x'], ['y'], {
                attributes: { then_branch: { graph: graph({ nodes: [inner], inputs: [], outputs: [] }) } },
              }),
            node('Add', ['x', 'x'], ['y']),
          ),
        ],
        inputs,
        outputs,
      }),
      code: /^PARAPET_MODEL_CORRUPT$/,
    },
    'outputs that are not those of a chat model': {
      bytes: model({
        nodes: [node('Identity', ['input_ids'], ['other'])],
        inputs,
        outputs: [value('other', INT64, [1, 'sequence'])],
      }),
      code: /^PARAPET_MODEL_/,
    },
  }
  test.each(Object.entries(graphs))(
    '%s',
    async (_, { bytes, code }) => {
      const folder = await decoderWith({ files: { 'model.onnx': bytes } })

      expect(await fateOf(folder)).toMatch(code)
    },
    PATIENCE_MS,
  )

  test(
    'a million parts in a small file end their host at most',
    async () => {
      const many = new Uint8Array(2 * 1_000_000).map((_, index) => (index % 2 === 0 ? 0x0a : 0))
      const folder = await decoderWith({ files: { 'model.onnx': bytesField(7, many) } })

      expect(await fateOf(folder)).toMatch(/^PARAPET_MODEL_/)
    },
    PATIENCE_MS,
  )
})

describe('weights in another place', () => {
  test(
    'named by the graph are not opened',
    async () => {
      const { graph: bytes } = moveWeights(tinyDecoder(), '../secret')
      const folder = await decoderWith({ files: { 'model.onnx': bytes } })
      await writeFile(join(root, 'secret'), new Uint8Array(1_000_000))

      expect(await fateOf(folder)).toBe('PARAPET_MODEL_FILE_OUTSIDE')
    },
    PATIENCE_MS,
  )

  test(
    'that the manifest does not list are not opened',
    async () => {
      const { graph: bytes, data } = moveWeights(tinyDecoder(), 'weights.bin')
      const folder = await decoderWith({ files: { 'model.onnx': bytes } })
      await writeFile(join(folder, 'weights.bin'), data)

      expect(await fateOf(folder)).toBe('PARAPET_MODEL_MANIFEST_INVALID')
    },
    PATIENCE_MS,
  )

  test(
    'behind a link that leads out of the folder are not opened, though their digest is right',
    async () => {
      const { graph: bytes, data } = moveWeights(tinyDecoder(), 'weights.bin')
      const folder = await decoderWith({ files: { 'model.onnx': bytes, 'weights.bin': data } })
      await rm(join(folder, 'weights.bin'))
      await writeFile(join(root, 'elsewhere'), data)
      await symlink(join(root, 'elsewhere'), join(folder, 'weights.bin'))

      expect(await fateOf(folder)).toBe('PARAPET_MODEL_FILE_OUTSIDE')
    },
    PATIENCE_MS,
  )

  test(
    'shorter than the graph says are refused',
    async () => {
      const { graph: bytes, data } = moveWeights(tinyDecoder(), 'weights.bin')
      const folder = await decoderWith({
        files: { 'model.onnx': bytes, 'weights.bin': data.subarray(0, 1000) },
      })

      expect(await fateOf(folder)).toMatch(/^PARAPET_MODEL_LOAD_(FAILED|CRASHED)$/)
    },
    PATIENCE_MS,
  )
})

describe('a tokenizer from a stranger', () => {
  test(
    'of a gigabyte is not read',
    async () => {
      const folder = await decoderWith({})
      await changeListed(folder, 'tokenizer.json', 1e9)

      expect(await fateOf(folder)).toBe('PARAPET_MODEL_FILE_TOO_LARGE')
    },
    PATIENCE_MS,
  )

  test(
    'whose pattern never ends on some text ends its host, which is replaced',
    async () => {
      const pattern = { type: 'Split', pattern: { Regex: '(a+)+$' }, behavior: 'Isolated', invert: false }
      const tokenizer = { ...tinyByteTokenizer(), pre_tokenizer: pattern }
      const folder = await decoderWith({ files: { 'tokenizer.json': tokenizer } })

      const { replaced } = host.status()
      const fate = await fateOf(folder, `${'a'.repeat(60)}!`)

      expect(fate).toBe('PARAPET_RUNTIME_HOST_UNRESPONSIVE')
      expect(host.status().replaced).toBe(replaced + 1)
    },
    PATIENCE_MS,
  )

  test(
    'that nests without end is refused',
    async () => {
      const nested = new TextEncoder().encode('['.repeat(2_000_000))
      const folder = await decoderWith({ files: { 'tokenizer.json': nested } })

      expect(await fateOf(folder)).toMatch(/^PARAPET_MODEL_/)
    },
    PATIENCE_MS,
  )
})

describe('a chat template from a stranger', () => {
  test.each([
    [
      'that loops',
      '{% for a in range(1000000) %}{% for b in range(1000000) %}{{ b }}{% endfor %}{% endfor %}',
    ],
    [
      'that doubles a list until memory is gone',
      '{% set n = namespace(l=[1,2,3,4]) %}{% for i in range(40) %}{% set n.l = n.l + n.l %}{% endfor %}{{ n.l }}',
    ],
    [
      'that doubles a text until memory is gone',
      '{% set n = namespace(t="parapet") %}{% for i in range(60) %}{% set n.t = n.t + n.t %}{% endfor %}{{ n.t }}',
    ],
    ['that reaches for the process', "{{ ''.constructor.constructor('return process')().exit(7) }}"],
  ])(
    '%s',
    async (_, template) => {
      const folder = await decoderWith({
        files: { 'chat_template.jinja': new TextEncoder().encode(template) },
      })

      expect(await fateOf(folder)).toMatch(
        /^PARAPET_MODEL_(TEMPLATE_(TIMEOUT|REFUSED|INVALID)|LOAD_CRASHED)$/,
      )
    },
    PATIENCE_MS,
  )

  test(
    'of megabytes is not compiled',
    async () => {
      const template = new TextEncoder().encode('a'.repeat(2_000_000))
      const folder = await decoderWith({ files: { 'chat_template.jinja': template } })

      expect(await fateOf(folder)).toBe('PARAPET_MODEL_FILE_TOO_LARGE')
    },
    PATIENCE_MS,
  )
})

describe('a folder from a stranger', () => {
  test('whose manifest is endless is not read', async () => {
    const folder = newFolder()
    await mkdir(folder)
    const handle = await open(join(folder, 'manifest.json'), 'w')
    await handle.truncate(1e9)
    await handle.close()

    await expect(openModelFolder(folder)).rejects.toMatchObject({ code: 'PARAPET_MODEL_MANIFEST_INVALID' })
  })

  test(
    'with a folder in a file’s place, and a graph that protobuf cannot hold',
    async () => {
      const folder = await decoderWith({})
      await rm(join(folder, 'tokenizer_config.json'))
      await mkdir(join(folder, 'tokenizer_config.json'))
      expect(await fateOf(folder)).toBe('PARAPET_MODEL_FILE_MISSING')

      const large = await decoderWith({})
      await changeListed(large, 'model.onnx', 3e9)
      expect(await fateOf(large)).toBe('PARAPET_MODEL_FILE_TOO_LARGE')
    },
    PATIENCE_MS,
  )

  const onLinux = process.platform === 'linux' ? test : test.skip
  onLinux(
    'costs its host before the app, where memory runs out',
    async () => {
      await expectHealthy()
      const score = await readFile(`/proc/${host.status().pid}/oom_score_adj`, 'utf8')

      expect(Number(score)).toBe(1000)
    },
    PATIENCE_MS,
  )
})

test(
  'what is not hostile is answered',
  async () => {
    const { graph: bytes, data } = moveWeights(tinyDecoder(), 'weights.bin')
    const folder = await decoderWith({ files: { 'model.onnx': bytes, 'weights.bin': data } })
    const decoder = host.decoder(await openModelFolder(folder, 'decoder'))

    expect(await codeOf(decoder.generate({ messages: MESSAGES, maxNewTokens: 2 }).finished)).toBe('no error')
  },
  PATIENCE_MS,
)

/** Makes a file as large as is said, of holes, and has the manifest say so. */
async function changeListed(folder: string, file: string, bytes: number): Promise<void> {
  const handle = await open(join(folder, file), 'r+')
  await handle.truncate(bytes)
  await handle.close()
  const path = join(folder, 'manifest.json')
  const manifest = JSON.parse(await readFile(path, 'utf8')) as { files: Record<string, { bytes: number }> }
  const listed = manifest.files[file]
  if (listed) listed.bytes = bytes
  await writeFile(path, JSON.stringify(manifest))
}
