import { describe, expect, it } from '@jest/globals'
import { SCRIPTED_WORDS, scriptedDetector, scriptedPolicy } from '@parapet/sdk/testing'
import { KEY, serverUnderTest } from './server-under-test.ts'

const { block, secret } = SCRIPTED_WORDS
const messages = (content: string) => [
  { role: 'system', content },
  { role: 'user', content: 'Hello' },
]

describe('a system message', () => {
  it('is judged by /v1/input, and comes back edited in its role', async () => {
    const { post } = await serverUnderTest()

    const blocked = await post('/v1/input', { messages: messages(block) })
    const edited = await post('/v1/input', { messages: messages(`my ${secret}`) })

    expect(await blocked.json()).toMatchObject({ kind: 'blocked' })
    expect(await edited.json()).toMatchObject({
      kind: 'released',
      messages: [
        { role: 'system', content: [{ type: 'text', text: 'my [cut]' }] },
        { role: 'user', content: [{ type: 'text', text: 'Hello' }] },
      ],
    })
  })

  it.each([
    ['judge', 'user'],
    ['trust', 'system'],
  ] as const)(
    'is read by detectors of a stream, told to %s, as of the role %s',
    async (systemMessages, role) => {
      const seen: string[] = []
      const detector = scriptedDetector({
        labels: ['block', 'hold', 'secret'],
        descriptor: { contextCharacters: 1_000 },
        script: async ({ conversation }) => {
          seen.push(...conversation.map((message) => message.role))
          return { kind: 'scored', scores: { block: 0, hold: 0, secret: 0 } }
        },
      })
      const { app } = await serverUnderTest({
        policy: scriptedPolicy({ detector }),
        server: { systemMessages },
      })
      const lines = [
        { kind: 'start', messages: messages('be kind').slice(0, 1) },
        { kind: 'text', part: '0', text: 'Good morning' },
      ]

      const response = await app.fetch(
        new Request('http://localhost/v1/check/stream', {
          method: 'POST',
          headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/x-ndjson' },
          body: lines.map((line) => JSON.stringify(line)).join('\n'),
        }),
      )
      await response.text()

      expect(new Set(seen)).toEqual(new Set([role]))
    },
  )

  it('is not judged where all callers are trusted', async () => {
    const { post } = await serverUnderTest({ server: { systemMessages: 'trust' } })

    const response = await post('/v1/input', { messages: messages(block) })

    expect(await response.json()).toMatchObject({ kind: 'released' })
  })
})
