import { describe, expect, it } from '@jest/globals'
import { SCRIPTED_WORDS } from '@parapet/sdk/testing'
import {
  bodyOf,
  chunk,
  completion,
  DONE,
  eventStream,
  type Sent,
  wireBench,
} from '../../test/contract/wire-bench.ts'

const { block, secret } = SCRIPTED_WORDS
const STREAM = [chunk({ content: `${block} ${secret}` }), chunk({ hologram: 'x' }, 'stop'), DONE]

function shadow(sent: Sent) {
  const faults: unknown[] = []
  const bench = wireBench(sent, {
    policy: { mode: 'shadow' },
    wire: { onShadowFault: (error) => faults.push(error) },
  })
  /** Waits for what is judged beside the call. */
  const recorded = async (count: number) => {
    const until = Date.now() + 5_000
    while (bench.sink.decisions.length < count && Date.now() < until)
      await new Promise((resolve) => setTimeout(resolve, 1))
    return bench.sink.decisions.map(({ decision, complete }) => ({ verdict: decision.verdict, complete }))
  }
  return { ...bench, faults, recorded }
}

describe('in shadow mode', () => {
  it('an exchange passes to the byte, and what would have been decided is on record', async () => {
    const { chat, sentBody, recorded, faults } = shadow(STREAM)
    const messages = [{ role: 'user', content: block }]

    const response = await chat({ stream: true, messages }, { headers: { 'x-parapet-tenant': 'acme' } })

    expect(await response.text()).toBe(STREAM.join(''))
    expect(sentBody()).toEqual({ model: 'm', stream: true, messages })
    expect(await recorded(2)).toEqual([
      { verdict: 'block', complete: true },
      // An answer is judged up to what would have ended it.
      { verdict: 'block', complete: false },
    ])
    expect(faults).toEqual([])
  })

  it('a whole answer passes with its headers', async () => {
    const answer = completion({ content: block })
    const { chat, seen, recorded } = shadow(Response.json(answer, { headers: { 'x-note': 'all of it' } }))

    const response = await chat({}, { headers: { 'x-parapet-tenant': 'acme' } })

    expect(response.headers.get('x-note')).toBe('all of it')
    expect(await response.json()).toEqual(answer)
    expect([...new Headers(seen[0]?.init.headers).keys()]).toEqual([])
    expect((await recorded(2)).map(({ verdict }) => verdict)).toEqual(['allow', 'block'])
  })

  it('what the guard would refuse passes, and is told to the operator', async () => {
    const { post, respond, chat, faults, seen } = shadow({ whatever: 1 })

    await post('/batches', {})
    await respond({ previous_response_id: 'resp_1' })
    await (await chat()).text()
    while (faults.length < 2) await new Promise((resolve) => setTimeout(resolve, 1))

    expect(seen).toHaveLength(3)
    expect(faults).toEqual([
      expect.objectContaining({ code: 'PARAPET_ADAPTER_REQUEST_REFUSED' }),
      expect.objectContaining({ code: 'PARAPET_ADAPTER_ANSWER_MALFORMED' }),
    ])
  })

  it('a caller that leaves lets go of the provider, and the record says so', async () => {
    let cancelled = false
    const endless = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new TextEncoder().encode(STREAM[0])),
      cancel() {
        cancelled = true
      },
    })
    const { chat, recorded } = shadow(() => eventStream(endless))
    const reader = (await chat({ stream: true })).body?.getReader()
    await reader?.read()
    await recorded(1)

    await reader?.cancel()

    expect(cancelled).toBe(true)
    expect(await recorded(2)).toEqual([
      { verdict: 'allow', complete: true },
      { verdict: 'allow', complete: false },
    ])
  })

  it('an answer that cannot be read passes, and so does a provider’s refusal', async () => {
    const { chat } = shadow(() => eventStream(bodyOf(['data: {\n\n'])))
    const refused = shadow(() => new Response('no', { status: 400 }))

    expect(await (await chat({ stream: true })).text()).toBe('data: {\n\n')
    expect(await (await refused.chat()).text()).toBe('no')
  })
})
