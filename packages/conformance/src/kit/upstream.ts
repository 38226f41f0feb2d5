import type { ServerResponse } from 'node:http'
import { setImmediate, setTimeout } from 'node:timers/promises'
import type { Wire } from '../wires/wire.ts'
import { type AnswerScript, says } from './script.ts'

/** A call that reached the provider. */
export interface UpstreamCall {
  /** The request's body, as it came. */
  readonly body: string
  /** Answered to its end; given up by who called; or still running. */
  readonly state: 'complete' | 'aborted' | 'open'
}

/** The scripted provider. */
export interface Upstream {
  readonly calls: readonly UpstreamCall[]
  /** Answers the next call by `script`, and each after that with one word, so that an agent's loop ends. */
  play(script: AnswerScript): void
  /** Resolves when no call runs. */
  idle(): Promise<void>
  answer(body: string, wire: Wire, response: ServerResponse): Promise<void>
}

const LOOP_END = says('Done.')

async function write(
  script: AnswerScript,
  wire: Wire,
  response: ServerResponse,
  streamed: boolean,
): Promise<void> {
  const { stallMs = 0 } = script
  if (!streamed) {
    if (stallMs > 0) await setTimeout(stallMs)
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(wire.whole(script)))
    return
  }
  response.setHeader('content-type', 'text/event-stream')
  const events = wire.events(script)
  const middle = Math.floor(events.length / 2)
  const closed = onceOf(response, 'close')
  for (const [index, event] of events.entries()) {
    if (stallMs > 0 && index === middle) await setTimeout(stallMs)
    if (response.destroyed) return
    if (!response.write(event)) await Promise.race([onceOf(response, 'drain'), closed])
    // A turn of the event loop for each piece, so that a guard can act in between.
    await setImmediate()
  }
  response.end()
}

const onceOf = (response: ServerResponse, event: string) =>
  new Promise<void>((resolve) => response.once(event, () => resolve()))

/** Makes the scripted provider of a bench. */
export function createUpstream(): Upstream {
  let calls: { body: string; state: UpstreamCall['state'] }[] = []
  let running: Promise<unknown>[] = []
  let next: AnswerScript | undefined

  return {
    get calls() {
      return calls
    },
    play(script) {
      next = script
      calls = []
      running = []
    },
    idle: async () => void (await Promise.all(running)),
    async answer(body, wire, response) {
      const call = { body, state: 'open' as UpstreamCall['state'] }
      calls.push(call)
      const closed = onceOf(response, 'close').then(() => {
        call.state = response.writableFinished ? 'complete' : 'aborted'
      })
      running.push(closed)
      const script = next ?? LOOP_END
      next = undefined
      const streamed = /"stream"\s*:\s*true/.test(body)
      await write(script, wire, response, streamed)
      await closed
    },
  }
}
