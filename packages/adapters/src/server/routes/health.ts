import { z } from 'zod'
import type { Admission } from '../admission.ts'
import type { Readiness } from '../readiness.ts'
import { type Route, route } from '../route.ts'

const readinessSchema = z.object({
  ready: z.boolean(),
  detectors: z.enum(['loading', 'loaded', 'failed']),
  queue: z.enum(['reachable', 'unreachable', 'none']),
})

/** Whether the process lives, and whether it can take requests: for whoever restarts it, and whoever sends it traffic. */
export function healthRoutes(readiness: () => Promise<Readiness>, admission: Admission): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/healthz',
      id: 'health',
      summary: 'Whether the process answers.',
      open: true,
      answers: [{ type: 'application/json', schema: z.object({ status: z.literal('ok') }) }],
      handle: async () => Response.json({ status: 'ok' }),
    }),
    route({
      method: 'GET',
      path: '/readyz',
      id: 'readiness',
      summary:
        'Whether detectors are loaded and the queue can be reached; 503 where not, and while the server stops.',
      open: true,
      answers: [{ type: 'application/json', schema: readinessSchema }],
      async handle() {
        const seen = await readiness()
        const ready = seen.ready && !admission.isStopping()
        return Response.json({ ...seen, ready }, { status: ready ? 200 : 503 })
      },
    }),
  ]
}
