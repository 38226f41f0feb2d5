import type { Pool, PoolConfig } from 'pg'
import { adapterError } from '../errors/codes.ts'

type Pg = typeof import('pg')

/** Makes a pool of `pg`, an optional peer. @throws PARAPET_ADAPTER_PEER_MISSING with the install line */
export async function loadPgPool(
  config: PoolConfig,
  load: () => Promise<Pick<Pg, 'Pool'>> = async () => (await import('pg')).default,
): Promise<Pool> {
  const pg = await load().catch((cause: unknown) => {
    const details = { peer: 'pg', subpath: 'postgres', install: 'npm install pg' }
    throw adapterError('PARAPET_ADAPTER_PEER_MISSING', details, { cause })
  })
  return new pg.Pool(config)
}
