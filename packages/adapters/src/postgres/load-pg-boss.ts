import type { ConstructorOptions, PgBoss } from 'pg-boss'
import { adapterError } from '../errors/codes.ts'

type Library = typeof import('pg-boss')

/** Makes a job queue of `pg-boss`, an optional peer. @throws PARAPET_ADAPTER_PEER_MISSING with the install line */
export async function loadPgBoss(
  options: ConstructorOptions,
  load: () => Promise<Pick<Library, 'PgBoss'>> = () => import('pg-boss'),
): Promise<PgBoss> {
  const { PgBoss: Boss } = await load().catch((cause: unknown) => {
    const details = { peer: 'pg-boss', subpath: 'postgres', install: 'npm install pg-boss pg' }
    throw adapterError('PARAPET_ADAPTER_PEER_MISSING', details, { cause })
  })
  return new Boss(options)
}
