import { adapterError } from '../errors/codes.ts'

type Runtime = typeof import('@parapet/runtime')

/**
 * Loads `@parapet/runtime`, an optional peer.
 * @throws PARAPET_ADAPTER_PEER_MISSING with the install line
 */
export async function loadRuntime(
  load: () => Promise<Runtime> = () => import('@parapet/runtime'),
): Promise<Runtime> {
  try {
    return await load()
  } catch (cause) {
    throw adapterError(
      'PARAPET_ADAPTER_PEER_MISSING',
      {
        peer: '@parapet/runtime',
        subpath: 'local',
        install: 'npm install @parapet/runtime onnxruntime-node',
      },
      { cause },
    )
  }
}
