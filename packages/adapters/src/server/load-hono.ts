import { adapterError } from '../errors/codes.ts'

type HonoModule = typeof import('hono')

/** Loads `hono`, an optional peer. @throws PARAPET_ADAPTER_PEER_MISSING with the install line */
export async function loadHono(load: () => Promise<HonoModule> = () => import('hono')): Promise<HonoModule> {
  try {
    return await load()
  } catch (cause) {
    throw adapterError(
      'PARAPET_ADAPTER_PEER_MISSING',
      { peer: 'hono', subpath: 'server', install: 'npm install hono @hono/node-server' },
      { cause },
    )
  }
}
