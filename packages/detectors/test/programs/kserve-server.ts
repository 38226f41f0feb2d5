/**
 * A minimal server of the KServe v2 protocol over onnxruntime, for tests: it serves the model repository that it is
 * given as Triton would, and tells its parent its port.
 */
import { readdirSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { InferenceSession, Tensor } from 'onnxruntime-node'

interface WireTensor {
  readonly name: string
  readonly datatype: string
  readonly shape: readonly number[]
  readonly data: readonly number[]
}

const WIRE_TYPES: Readonly<Record<string, string>> = { int64: 'INT64', float32: 'FP32' }
const repository = process.argv[2] ?? ''
const models = new Map<string, InferenceSession>()
for (const name of readdirSync(repository)) {
  const session = await InferenceSession.create(join(repository, name, '1/model.onnx'), {
    intraOpNumThreads: 1,
  })
  models.set(name, session)
}

function describe(values: InferenceSession['inputMetadata']) {
  return values.flatMap((value) =>
    value.isTensor
      ? [
          {
            name: value.name,
            datatype: WIRE_TYPES[value.type],
            shape: value.shape.map((size) => (typeof size === 'number' ? size : -1)),
          },
        ]
      : [],
  )
}

async function infer(name: string, session: InferenceSession, body: string): Promise<object> {
  const { inputs, outputs } = JSON.parse(body) as { inputs: WireTensor[]; outputs: { name: string }[] }
  const feeds = inputs.map((input) => {
    const data = BigInt64Array.from(input.data, BigInt)
    return [input.name, new Tensor('int64', data, input.shape)] as const
  })
  const results = await session.run(
    Object.fromEntries(feeds),
    outputs.map((output) => output.name),
  )
  return {
    model_name: name,
    model_version: '1',
    outputs: Object.entries(results).map(([output, { dims, data }]) => ({
      name: output,
      datatype: 'FP32',
      shape: dims,
      data: [...(data as Float32Array)],
    })),
  }
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const [, name = '', action] = /^\/v2\/models\/([^/]+)(?:\/(infer))?$/.exec(request.url ?? '') ?? []
  const session = models.get(name)
  const answered =
    session === undefined
      ? { error: 'unknown model' }
      : action === 'infer'
        ? await infer(name, session, Buffer.concat(chunks).toString())
        : {
            name,
            versions: ['1'],
            platform: 'onnxruntime_onnx',
            inputs: describe(session.inputMetadata),
            outputs: describe(session.outputMetadata),
          }
  response.writeHead(session === undefined ? 404 : 200, { 'content-type': 'application/json' })
  response.end(JSON.stringify(answered))
}

const server = createServer((request, response) => void answer(request, response))
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port))
process.on('disconnect', () => process.exit(0))
