import { describe, expect, it } from '@jest/globals'
import {
  distinctText,
  judgedLog,
  SCRIPTED_MESSAGE,
  SCRIPTED_WORDS,
  scriptedPolicy,
  scriptedRules,
  wordDetector,
} from '@parapet/sdk/testing'
import fc from 'fast-check'
import { KEY, type ServerUnderTest, serverUnderTest } from './server-under-test.ts'

type Line = Record<string, unknown>
const START = { kind: 'start' }
const text = (piece: string, part = '0') => ({ kind: 'text', part, text: piece })
const encode = (lines: readonly unknown[]) =>
  new TextEncoder().encode(
    lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'),
  )

function stream(
  { app }: ServerUnderTest,
  body: Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>,
): Promise<Response> {
  const headers = { authorization: `Bearer ${KEY}`, 'content-type': 'application/x-ndjson' }
  return app.fetch(
    new Request('http://localhost/v1/check/stream', {
      method: 'POST',
      headers,
      body,
      duplex: 'half',
    } as RequestInit),
  )
}

const linesOf = async (response: Response): Promise<Line[]> =>
  (await response.text())
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line)

/** A body that comes in pieces. */
function inPieces(bytes: Uint8Array, cuts: readonly number[]): ReadableStream<Uint8Array> {
  const places = [...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b)
  return new ReadableStream({
    start(controller) {
      let from = 0
      for (const to of places) {
        controller.enqueue(bytes.slice(from, to))
        from = to
      }
      controller.close()
    },
  })
}

const released = (lines: readonly Line[]) =>
  lines
    .filter(({ kind }) => kind === 'released')
    .map((line) => line['text'])
    .join('')

describe('POST /v1/check/stream', () => {
  it('releases what was judged, edited, and then the decision', async () => {
    const server = await serverUnderTest()

    const lines = await linesOf(
      await stream(server, encode([START, text('my SECRET-'), text('1234 is'), { kind: 'end', part: '0' }])),
    )

    expect(lines).toMatchObject([
      { kind: 'released', part: '0', text: 'my [cut] is' },
      { kind: 'done', decision: { verdict: 'allow' } },
    ])
  })

  it('releases windows before the body has ended', async () => {
    const server = await serverUnderTest({ policy: scriptedPolicy({ release: { windowCharacters: 40 } }) })
    let write: ReadableStreamDefaultController<Uint8Array> | undefined
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        write = controller
      },
    })
    write?.enqueue(encode([START, text('x'.repeat(100)), '']))

    const response = await stream(server, body)
    const reader = (response.body as ReadableStream<Uint8Array>).getReader()
    const first = JSON.parse(new TextDecoder().decode((await reader.read()).value)) as Line
    write?.close()

    expect(first).toMatchObject({ kind: 'released', part: '0' })
    expect(String(first['text']).length).toBeLessThan(100)
    await reader.cancel()
  })

  it('ends where something blocks, with the message, and reads no further', async () => {
    const server = await serverUnderTest({ policy: scriptedPolicy({ release: { windowCharacters: 40 } }) })
    let pulled = 0
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        pulled++
        controller.enqueue(
          encode([
            ...(pulled === 1 ? [START] : []),
            text(pulled === 3 ? SCRIPTED_WORDS.block : 'y'.repeat(60)),
            '',
          ]),
        )
      },
    })

    const lines = await linesOf(await stream(server, body))

    expect(lines.at(-1)).toMatchObject({ kind: 'blocked', message: SCRIPTED_MESSAGE })
    expect(released(lines)).not.toContain(SCRIPTED_WORDS.block)
    expect(pulled).toBeLessThan(20)
  })

  it('judges tool calls and structured output whole, and media by onAbstain', async () => {
    const policy = scriptedPolicy({
      policy: { toolCall: { rules: [], onError: 'block', onAbstain: 'block', budgetMs: 1_000 } },
    })
    const server = await serverUnderTest({ policy })
    const body = encode([
      START,
      { kind: 'tool', part: 't', stage: 'toolCall', toolName: 'send', text: '{"to":"a"}', json: true },
      { kind: 'whole', part: 'o', stage: 'output', text: '{"key":"SECRET-1234"}', json: true },
    ])

    const lines = await linesOf(await stream(server, body))

    expect(lines).toMatchObject([
      { kind: 'released', part: 't', text: '{"to":"a"}' },
      { kind: 'released', part: 'o', text: '{"key":"[cut]"}' },
      { kind: 'done' },
    ])
  })

  it.each([
    ['blocks', SCRIPTED_WORDS.block, { kind: 'blocked', message: SCRIPTED_MESSAGE }],
    ['edits', SCRIPTED_WORDS.secret, { kind: 'failed', error: { code: 'PARAPET_SERVER_UNSUPPORTED' } }],
  ])('releases no tool call whose name a rule %s', async (_, toolName, last) => {
    const detector = wordDetector()
    const rules = scriptedRules(detector)
    const toolCall = { rules, onError: 'block', onAbstain: 'flag', budgetMs: 1_000 } as const
    const call = { kind: 'tool', stage: 'toolCall', toolName, json: true }
    for (const release of ['whole', { windowCharacters: 40 }] as const) {
      const policy = scriptedPolicy({ detector, policy: { toolCall }, release })
      const body = encode([START, { ...call, part: 't', text: '{"to":"a"}' }])

      const lines = await linesOf(await stream(await serverUnderTest({ policy }), body))

      expect(lines).toMatchObject([last])
    }
  })

  it('gives the same text for every cutting of the bytes, and none that was not judged', async () => {
    const log = judgedLog()
    const policy = scriptedPolicy({ detector: wordDetector({ log }), release: { windowCharacters: 40 } })
    const server = await serverUnderTest({ policy })
    const answer = `${distinctText(60)}é😀 SECRET-1234 ${distinctText(30)}`
    const bytes = encode([START, ...[...answer].map((piece) => text(piece)), ''])
    const whole = released(await linesOf(await stream(server, bytes)))

    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(), { maxLength: 30 }), async (cuts) => {
        const lines = await linesOf(await stream(server, inPieces(bytes, cuts)))

        expect(released(lines)).toBe(whole)
        expect(lines.at(-1)).toMatchObject({ kind: 'done' })
      }),
      { numRuns: 25 },
    )
    expect(whole).toContain('[cut]')
    expect(log.unjudged(whole.replace('[cut]', ''), 'output')).toBe('')
  })

  it.each([
    ['a line that is no JSON', 'canary{', 'PARAPET_SERVER_BODY_INVALID'],
    ['a line of an unknown kind', { kind: 'canary' }, 'PARAPET_SERVER_BODY_INVALID'],
    ['a line nested deep', '['.repeat(1_000), 'PARAPET_SERVER_BODY_INVALID'],
  ])('releases nothing more after %s', async (_, line, code) => {
    const server = await serverUnderTest()

    const told = await (await stream(server, encode([START, text('held back'), line, text('more')]))).text()

    expect(JSON.parse(told)).toMatchObject({ kind: 'failed', error: { code } })
    expect(told).not.toContain('canary')
    expect(server.records.decisions).toHaveLength(1)
    expect(server.records.decisions[0]?.complete).toBe(false)
  })

  it.each([
    ['no start', [text('x')]],
    ['nothing', []],
  ])('refuses a body with %s before it answers', async (_, lines) => {
    const server = await serverUnderTest()

    const response = await stream(server, encode(lines))

    expect(response.status).toBe(400)
    await response.text()
    expect(server.app.active()).toBe(0)
  })

  it('releases nothing of a body that breaks off', async () => {
    const server = await serverUnderTest()
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        controller.enqueue(encode([START, text('held back'), '']))
        controller.error(new Error('canary'))
      },
    })

    const response = await stream(server, body)
    const told = await response.text()

    expect(released(told === '' ? [] : [JSON.parse(told.split('\n')[0] ?? '{}') as Line])).toBe('')
    expect(told).not.toContain('canary')
  })

  it('gives a body up that pauses too long', async () => {
    const server = await serverUnderTest({ server: { bodyTimeoutMs: 20 } })
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(encode([START, text('x'), ''])),
    })

    expect(await linesOf(await stream(server, body))).toMatchObject([
      { kind: 'failed', error: { code: 'PARAPET_SERVER_BODY_TIMEOUT' } },
    ])
  })

  it('records what was judged when the caller goes away', async () => {
    const server = await serverUnderTest({ policy: scriptedPolicy({ release: { windowCharacters: 40 } }) })
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(encode([START, text('x'.repeat(100)), ''])),
    })

    const response = await stream(server, body)
    const reader = (response.body as ReadableStream<Uint8Array>).getReader()
    await reader.read()
    await reader.cancel()

    expect(server.app.active()).toBe(0)
    expect(server.records.decisions.map(({ complete }) => complete)).toEqual([false])
  })
})
