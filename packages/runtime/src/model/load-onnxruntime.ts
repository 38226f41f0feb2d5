import { fault } from '../errors/codes.ts'

type Loaded = typeof import('onnxruntime-node')
/** What is used of onnxruntime-node. */
export type OnnxRuntime = Pick<Loaded, 'InferenceSession' | 'Tensor'>

/**
 * Loads onnxruntime-node, an optional peer: who runs no model need not install it.
 * @throws `PARAPET_RUNTIME_PEER_MISSING` with the install line
 */
export async function loadOnnxruntime(): Promise<OnnxRuntime> {
  // Its builds for Linux carry a telemetry client with an address to send to. A guard sends nothing anywhere by itself.
  process.env['ORT_DISABLE_TELEMETRY'] ??= '1'
  try {
    return (await import('onnxruntime-node')).default
  } catch (cause) {
    throw fault(
      'PARAPET_RUNTIME_PEER_MISSING',
      { peer: 'onnxruntime-node', install: 'npm install onnxruntime-node' },
      { cause },
    )
  }
}
