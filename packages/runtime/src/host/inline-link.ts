import { HostCore } from './host-core.ts'
import type { HostLink, StartHost } from './host-link.ts'

/** A host in the app's own process, for scripts: nothing is isolated, and each step blocks the event loop. */
export const startInlineHost: StartHost = (events): HostLink => {
  let over = false
  const core = new HostCore((message) => {
    if (!over) queueMicrotask(() => !over && events.said(message))
  })
  queueMicrotask(() => !over && events.said({ type: 'ready' }))
  return {
    pid: undefined,
    say: (message) => !over && core.take(message),
    kill() {
      if (over) return
      over = true
      void core.dispose()
      queueMicrotask(() => events.ended('closed'))
    },
    hold() {},
  }
}
