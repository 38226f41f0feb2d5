import { createModelHost, type ModelHost } from '@parapet/runtime'
import type { LoadedDetector } from '@parapet/sdk'

/** The host of all detectors that were not given one: one child process, started by the first request. */
let shared: { readonly host: ModelHost; users: number } | undefined

/** A host, and what to do with it when its user is done. */
interface HeldHost {
  readonly host: ModelHost
  release(): Promise<void>
}

/**
 * Loads a detector on the caller's host, or on the one that detectors of this process share. The shared host closes
 * with the last detector on it; a host that was passed in is never closed here.
 */
export async function loadOnHost(
  own: ModelHost | undefined,
  load: (host: ModelHost) => Promise<Omit<LoadedDetector, 'close'>>,
): Promise<LoadedDetector> {
  const held = own ? { host: own, release: async () => {} } : holdShared()
  try {
    return { ...(await load(held.host)), close: held.release }
  } catch (error) {
    await held.release()
    throw error
  }
}

/**
 * Ends the model host that detectors of this process share, whoever still uses it; what runs in it fails with
 * `PARAPET_RUNTIME_CLOSED`. Detectors loaded afterwards start another. Safe to call when there is none.
 */
export async function closeModels(): Promise<void> {
  const held = shared
  shared = undefined
  await held?.host.close()
}

function holdShared(): HeldHost {
  shared ??= { host: createModelHost(), users: 0 }
  const held = shared
  held.users += 1
  let released = false
  return {
    host: held.host,
    async release() {
      if (released) return
      released = true
      held.users -= 1
      if (held.users > 0) return
      if (shared === held) shared = undefined
      await held.host.close()
    },
  }
}
