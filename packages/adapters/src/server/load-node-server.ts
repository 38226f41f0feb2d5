import { adapterError } from '../errors/codes.ts'

type NodeServerModule = typeof import('@hono/node-server')

/** Loads `@hono/node-server`, an optional peer. @throws PARAPET_ADAPTER_PEER_MISSING with the install line */
export async function loadNodeServer(
  load: () => Promise<NodeServerModule> = () => import('@hono/node-server'),
): Promise<NodeServerModule> {
  try {
    return await load()
  } catch (cause) {
    throw adapterError(
      'PARAPET_ADAPTER_PEER_MISSING',
      { peer: '@hono/node-server', subpath: 'server', install: 'npm install hono @hono/node-server' },
      { cause },
    )
  }
}
