import { hubFault } from './codes.ts'

const FULL = ['ENOSPC', 'EDQUOT', 'EFBIG']

/** What a fault of the file system means for the cache; anything else is handed back as it is. */
export function cacheFault(error: unknown, neededBytes = 0): unknown {
  const { code, syscall } = error as NodeJS.ErrnoException
  if (typeof code !== 'string' || typeof syscall !== 'string') return error
  if (FULL.includes(code)) return hubFault('PARAPET_HUB_DISK_FULL', { neededBytes }, { cause: error })
  return hubFault(
    'PARAPET_HUB_CACHE_UNUSABLE',
    { problem: `${syscall} failed with ${code}` },
    { cause: error },
  )
}
