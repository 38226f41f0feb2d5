import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { type RunningServer, serve } from '@parapet/adapters/server'
import { createGuard, memoryQueue } from '@parapet/sdk'
import { SCRIPTED_MESSAGE, SCRIPTED_WORDS, scriptedPolicy } from '@parapet/sdk/testing'
import { pythonHas, runPython } from './python.ts'
import { saying, scriptedUpstream } from './scripted-upstream.ts'
import { KEY } from './server-under-test.ts'

const { block, secret } = SCRIPTED_WORDS

/** Asks by every route with the real client, and prints what it got as JSON. */
const PROGRAM = `
import json, sys
from openai import OpenAI, APIStatusError
client = OpenAI(base_url=sys.argv[1], api_key=sys.argv[2], max_retries=0)
def ask(model, content):
    whole = client.chat.completions.create(model=model, messages=[{"role": "user", "content": content}])
    stream = client.chat.completions.create(model=model, messages=[{"role": "user", "content": content}], stream=True)
    pieces = [chunk.choices[0].delta.content or "" for chunk in stream if chunk.choices]
    return [whole.choices[0].message.content, whole.choices[0].finish_reason, "".join(pieces)]
try:
    OpenAI(base_url=sys.argv[1], api_key="wrong", max_retries=0).models.list()
    refused = None
except APIStatusError as error:
    refused = [error.status_code, error.code]
print(json.dumps({
    "fine": ask("fine", "Hello"),
    "secret": ask("secret", "Hello"),
    "blocked": ask("fine", sys.argv[3]),
    "moderated": client.moderations.create(input=sys.argv[3]).results[0].flagged,
    "response": client.responses.create(model="fine", input=sys.argv[3]).output_text,
    "refused": refused,
}))
`

const live = pythonHas('openai') ? describe : describe.skip

live('the openai client of Python', () => {
  let upstream: Awaited<ReturnType<typeof scriptedUpstream>>
  let server: RunningServer

  beforeAll(async () => {
    upstream = await scriptedUpstream({ fine: saying('Good morning'), secret: saying(`It is ${secret}`) })
    const guard = createGuard({ policy: scriptedPolicy(), queue: memoryQueue() })
    server = await serve(guard, {
      port: 0,
      keys: [{ tenant: 'acme', key: KEY }],
      upstream: { url: upstream.url, key: 'k' },
    })
  })
  afterAll(async () => {
    await server.close()
    await upstream.close()
  })

  it('works against the server unchanged', async () => {
    const printed = await runPython(PROGRAM, [`${server.url}/v1`, KEY, block])

    expect(JSON.parse(printed)).toEqual({
      fine: ['Good morning', 'stop', 'Good morning'],
      secret: ['It is [cut]', 'stop', 'It is [cut]'],
      blocked: [SCRIPTED_MESSAGE, 'content_filter', SCRIPTED_MESSAGE],
      moderated: true,
      response: SCRIPTED_MESSAGE,
      refused: [401, 'PARAPET_SERVER_UNAUTHORIZED'],
    })
  }, 120_000)
})
