/**
 * The chat of `examples/next-held-chat` on several machines: two web servers and a reviewer, each a process of its own, over
 * PostgreSQL. The server that held the answer is killed; the other one has it for the page.
 *
 *     PARAPET_POSTGRES=postgres://user@host/db node --conditions=@parapet/source examples/src/held-chat-postgres.ts
 *
 * Without a URL all of it runs in this process, on PGlite, which is PostgreSQL as a library.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { PGlite } from '@electric-sql/pglite'
import { serve } from '@hono/node-server'
import { type PostgresDatabase, postgresQueue } from '@parapet/adapters/postgres'
import { createGuard } from 'parapet'
import { chatRoutes } from '../next-held-chat/lib/chat-routes.ts'
import { followHeld } from '../next-held-chat/lib/follow-held.ts'
import { answer, policy, routes } from '../next-held-chat/lib/policy.ts'

const url = process.env['PARAPET_POSTGRES']
const schema = 'parapet_example_chat'

/** A part of the whole: a process, or what stands for one. */
interface Part {
  readonly address: string
  end(): Promise<unknown>
}

/** A web server. Who asks would be the session's to say (`withSession`); here it is one person. */
async function startServer(database: PostgresDatabase): Promise<Part> {
  const queue = postgresQueue(database, { schema })
  const handlers = chatRoutes({
    guard: createGuard({ policy, queue, routes }),
    queue,
    answer,
    longPollMs: 2_000,
  })
  const server = serve({
    hostname: '127.0.0.1',
    port: 0,
    fetch: (request) =>
      new URL(request.url).pathname === '/api/chat'
        ? handlers.chat(request, 'mia')
        : handlers.held(request, 'mia'),
  })
  await once(server, 'listening')
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    end: async () => {
      await new Promise((resolve) => server.close(resolve))
      await queue.close()
    },
  }
}

/** The reviewer: corrects what is open. */
async function review(database: PostgresDatabase): Promise<void> {
  const queue = postgresQueue(database, { schema })
  const claim = await queue.claim({ reviewer: 'ada', team: 'pharmacists' })
  if (!claim) throw new Error('The queue should have an item.')
  const { item, token } = claim
  await queue.decide({ id: item.id, token, outcome: 'edit', answer: 'Take 2 tablets a day.' })
  await queue.close()
}

/** Starts this program as another process, and waits for the address that it says. */
async function startProcess(): Promise<Part> {
  const child: ChildProcess = fork(import.meta.filename, ['server'])
  const dead = new AbortController()
  child.once('exit', () => dead.abort())
  const [address] = (await once(child, 'message', { signal: dead.signal })) as [string]
  return {
    address,
    end: async () => {
      child.kill('SIGKILL')
      await once(child, 'exit')
    },
  }
}

/** The page, and what happens while it waits. */
async function chat(start: () => Promise<Part>, decide: () => Promise<unknown>): Promise<void> {
  const [first, second] = [await start(), await start()]
  const asked = await fetch(`${first.address}/api/chat`, {
    method: 'POST',
    body: JSON.stringify({ prompt: 'How many may I take?', requestId: crypto.randomUUID() }),
  })
  const { message, ticket } = (await asked.json()) as { message: string; ticket: string }
  console.log(`the page reads: ${message}`)
  // What a load balancer does: to whoever is there.
  let server = first.address
  const following = followHeld(ticket, {
    signal: AbortSignal.timeout(30_000),
    firstPauseMs: 50,
    request: (path, options) => fetch(`${server}${String(path)}`, options),
  })
  server = second.address
  await first.end()
  console.log('the server that held it is gone')
  await decide()
  const end = await following
  console.log(`the page reads: ${end.state === 'answer' ? end.text : end.state}`)
  await second.end()
}

if (process.argv[2] === 'server') process.send?.((await startServer(url ?? '')).address)
else if (process.argv[2] === 'review') await review(url ?? '')
else if (url !== undefined)
  await chat(startProcess, () => once(fork(import.meta.filename, ['review']), 'exit'))
else {
  const database = await PGlite.create()
  await chat(
    () => startServer(database),
    () => review(database),
  )
  await database.close()
}
