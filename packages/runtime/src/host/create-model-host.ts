import { decoderHandle } from './decoder-handle.ts'
import { encoderHandle } from './encoder-handle.ts'
import { HostSupervisor } from './host-supervisor.ts'
import { startInlineHost } from './inline-link.ts'
import type { ModelHost, ModelHostOptions } from './model-host.ts'
import { processHosts } from './process-link.ts'
import { resolveHostOptions } from './resolve-host-options.ts'

/**
 * Makes a model host. Nothing is started until a model of it is asked something, and an idle host does not keep the
 * app alive.
 * @throws `PARAPET_RUNTIME_OPTION_INVALID`
 */
export function createModelHost(options?: ModelHostOptions): ModelHost {
  const resolved = resolveHostOptions(options)
  const start = resolved.isolation === 'process' ? processHosts(resolved) : startInlineHost
  const supervisor = new HostSupervisor(start, resolved)
  return {
    encoder: (folder) => encoderHandle(supervisor, folder, resolved.threads),
    decoder: (folder) => decoderHandle(supervisor, folder, resolved),
    status: () => supervisor.status(),
    close: () => supervisor.close(),
  }
}
