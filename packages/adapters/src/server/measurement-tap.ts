import { AsyncLocalStorage } from 'node:async_hooks'
import type { DecisionBody, RecordSink } from '@parapet/sdk'

/** A record sink that lets a request see what was measured for it, and no other request's. */
export interface MeasurementTap {
  /** Give this to the guard as its `records`. */
  readonly records: RecordSink
  /** Runs `work`, and gives the decisions that were recorded on its way. */
  collect<Result>(
    work: () => Promise<Result>,
  ): Promise<{ readonly result: Result; readonly decisions: readonly DecisionBody[] }>
}

/** Puts a tap before a sink, or in the place of one. What nobody collects is not kept. */
export function measurementTap(sink?: RecordSink): MeasurementTap {
  const collecting = new AsyncLocalStorage<DecisionBody[]>()
  return {
    records: {
      async append(body) {
        await sink?.append(body)
        if (body.kind === 'decision') collecting.getStore()?.push(body)
      },
      async close() {
        await sink?.close?.()
      },
    },
    async collect(work) {
      const decisions: DecisionBody[] = []
      return { result: await collecting.run(decisions, work), decisions }
    },
  }
}
