import { endWithParent } from './end-with-parent.ts'
import { endFirstWithoutMemory } from './first-to-end.ts'
import { HostCore } from './host-core.ts'
import type { FromHost, ToHost } from './protocol.ts'

/**
 * The child process of a model host. It talks over the channel of `fork`, and ends when that closes: a host never
 * outlives the app that started it.
 */
const core = new HostCore((message: FromHost) => {
  if (process.connected) process.send?.(message)
})
process.on('message', (message) => core.take(message as ToHost))
process.on('disconnect', () => process.exit(0))
endWithParent()
endFirstWithoutMemory()
// Ctrl-C in a terminal goes to the whole group; the app decides when its host ends.
process.on('SIGINT', () => {})
process.on('SIGTERM', () => {})
process.send?.({ type: 'ready' } satisfies FromHost)
