/**
 * A classifier that somebody else runs, behind the interface of Hugging Face's endpoints: what the guard does while it
 * answers, and when it does not. A small server in this program stands for the endpoint, so nothing leaves the machine.
 * Needs: npm install @huggingface/inference
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { huggingFaceClassifier } from '@parapet/detectors/remote'
import { createGuard, definePolicy, when } from 'parapet'

/** Finds a text the more urgent, the more exclamation marks it has; an endpoint would run a model. */
async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body: Buffer[] = []
  for await (const chunk of request) body.push(chunk as Buffer)
  const { inputs } = JSON.parse(Buffer.concat(body).toString()) as { inputs: string }
  const score = Math.min(1, (inputs.match(/!/g)?.length ?? 0) / 4)
  response.writeHead(200, { 'content-type': 'application/json' })
  response.end(
    JSON.stringify([
      [
        { label: 'LABEL_1', score },
        { label: 'LABEL_0', score: 1 - score },
      ],
    ]),
  )
}
const endpoint = createServer((request, response) => void answer(request, response))
await new Promise<void>((resolve) => endpoint.listen(0, '127.0.0.1', resolve))
const { port } = endpoint.address() as AddressInfo

const urgency = huggingFaceClassifier({
  model: 'example/urgency',
  endpointUrl: `http://127.0.0.1:${port}`,
  // Every label that the model gives must be named: a model that was changed behind its address is a fault.
  labels: { LABEL_0: null, LABEL_1: 'urgent' },
  attempts: 1,
})
console.log(`content goes to ${new URL(urgency.descriptor.sendsTo ?? '').hostname}`)

const policy = definePolicy({
  id: 'inbox',
  version: '1',
  input: {
    // Nobody here has calibrated the model, so there are no rates: the rule names a score.
    rules: [when(urgency, 'urgent').above(0.7).flag()],
    onError: 'block',
    onAbstain: 'flag',
    budgetMs: 3_000,
  },
})
const guard = createGuard({ policy })

async function check(text: string): Promise<void> {
  const { verdict, duties, reasons } = await guard.check({ stage: 'input', text })
  const because = reasons.map((reason) => {
    if (reason.kind === 'rule') return reason.label
    return 'code' in reason ? reason.code : reason.kind
  })
  console.log(
    `${verdict}${duties.map(({ kind }) => ` and ${kind}`).join('')}: ${because.join(', ') || 'nothing'}`,
  )
}
await check('My parcel is late.')
await check('My parcel is late!!! Do something!!!')

endpoint.closeAllConnections()
await new Promise((resolve) => endpoint.close(resolve))
// What was measured before is remembered; what was not fails, and the policy says what that means.
await check('My parcel is late.')
await check('Where is it now?')

await guard.close()
