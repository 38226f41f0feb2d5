import { describe, expect, it } from '@jest/globals'
import { createGuard, memoryQueue } from '@parapet/sdk'
import { scriptedPolicy } from '@parapet/sdk/testing'
import type { WireObject } from '../wire/wire-object.ts'
import { createGuardedMessage } from './guarded-message.ts'
import { eventsMessage, messageEvents } from './message-events.ts'
import { requestFacts } from './request-facts.ts'
import type { WireEvent } from './wire-events.ts'

const cited = (text: string): WireObject => ({
  type: 'text',
  text,
  citations: [
    {
      type: 'web_search_result_location',
      cited_text: 'a source',
      encrypted_index: 'x',
      title: 'T',
      url: 'https://a.test',
    },
  ],
})
const text = (said: string): WireObject => ({ type: 'text', text: said })

async function guarded(
  content: readonly WireObject[],
  release: 'whole' | { windowCharacters: number },
  request: WireObject = {},
) {
  const guard = createGuard({ policy: scriptedPolicy({ release }), queue: memoryQueue() })
  const answer = createGuardedMessage(guard.exchange({ messages: [] }).gate(), requestFacts(request))
  const events: WireEvent[] = []
  for (const event of messageEvents({ type: 'message', content, stop_reason: 'end_turn' })) {
    const step = await answer.take(event)
    events.push(...step.events)
    if (step.over) break
  }
  return eventsMessage(events) as { readonly content: readonly WireObject[]; readonly stop_reason: string }
}

describe.each(['whole', { windowCharacters: 30 }] as const)(
  'released as %j, text in several blocks',
  (release) => {
    it('is redacted across a citation, and keeps it in its place', async () => {
      const { content } = await guarded(
        [cited('The key is SECRET-'), text('1234, as '), cited('said.')],
        release,
      )

      expect(content.map(({ text: said }) => said)).toEqual(['The key is [cut]', ', as ', 'said.'])
      expect(content.map(({ citations }) => (citations as unknown[] | null)?.length ?? 0)).toEqual([1, 0, 1])
    })

    it('is blocked across a citation', async () => {
      const { content, stop_reason } = await guarded([cited('how to BLO'), text('CK-ME')], release)

      expect(stop_reason).toBe('refusal')
      expect(JSON.stringify(content)).not.toContain('how to')
    })

    it('is blocked as the JSON that it is together', async () => {
      const request = { output_config: { format: { type: 'json_schema', schema: {} } } }
      const { content, stop_reason } = await guarded(
        [text('{"a":"BL\\u004f'), text('CK-ME"}')],
        release,
        request,
      )

      expect(stop_reason).toBe('refusal')
      expect(JSON.stringify(content)).not.toContain('CK-ME')
    })
  },
)
