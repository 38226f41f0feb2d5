// An app's receiver of webhooks, until it is killed: prints a line for each that it takes, and answers a moment later.
//   node receiver-process.ts [port]
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { verifyWebhook } from '@parapet/adapters/webhook'
import { SAID } from './said-lines.ts'
import { SECRET } from './tell-to.ts'

/** Between taking one and saying so at the most: who dies meanwhile, on either side, leaves it told and not known as told. */
const LONGEST_WORK_MS = 200

async function receive(request: IncomingMessage): Promise<void> {
  const body = Buffer.concat(await request.toArray())
  const { notice } = await verifyWebhook({ headers: request.headers, body }, { secrets: [SECRET] })
  process.stdout.write(`${SAID.told(notice.id, notice.itemId, notice.type)}\n`)
  await sleep(Math.random() * LONGEST_WORK_MS)
}

const server = createServer((request, response) => {
  receive(request).then(
    () => response.writeHead(204).end(),
    (error: unknown) => {
      // A sender that was killed hangs up in the middle. What is whole and no webhook ends the run.
      if (request.complete) throw error
      response.destroy()
    },
  )
})
server.listen(Number(process.argv[2] ?? 0), '127.0.0.1', () => {
  process.stdout.write(`listening ${(server.address() as AddressInfo).port}\n`)
})
