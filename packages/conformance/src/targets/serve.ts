import { serve } from '@parapet/adapters/server'
import type { Target } from '../kit/target.ts'
import { version } from '../version.ts'
import { callGateway } from './http.ts'
import { KIT_GUARD_HOW, kitGuard } from './kit-guard.ts'

/** What runs when a row is over was left running: it is not waited for. */
const CLOSE_MS = 0

/** The server in front of the kit's provider, called over HTTP. */
export const server: Target = {
  name: 'parapet/serve',
  version,
  how: `${KIT_GUARD_HOW}; serve() in front of the provider, called at /v1/chat/completions by any client`,
  async open({ upstreamUrl, ...setup }) {
    const guard = kitGuard(setup)
    const running = await serve(guard, {
      port: 0,
      closeTimeoutMs: CLOSE_MS,
      upstream: { url: upstreamUrl, key: 'kit' },
    })
    const gateway = { url: `${running.url}/v1` }
    return {
      generate: (request, receive) => callGateway(gateway, request, false, receive),
      stream: (request, receive) => callGateway(gateway, request, true, receive),
      async close() {
        await running.close()
        await guard.close()
      },
    }
  },
}
