import { createAnswerJudge, promptSet, proveDirection } from '@parapet/lab'
import { createModelHost, openModelFolder, resolveModelPackage } from '@parapet/runtime'
import type { Bench } from './figure.ts'

const TOKENS = 16
const PLACES = ['Oslo', 'Lima', 'Rome', 'Cairo', 'Perth', 'Kyoto', 'Quito', 'Paris', 'Delhi', 'Accra']
/** Both kinds are harmless here: how long an answer takes does not hang on what it says. */
const asked = promptSet(PLACES.map((place) => `Name two things to see in ${place} on a rainy day.`))
const told = promptSet(PLACES.map((place) => `Write one short line about the weather in ${place}.`))

/** `proveDirection` on the shipped sentinel against a plain loop that writes as many answers, one after the other. */
export const proveBench: Bench = {
  name: 'prove',
  async run() {
    const host = createModelHost()
    try {
      const model = resolveModelPackage('@parapet/model-sentinel')
      const decoder = host.decoder(await openModelFolder(model, 'decoder'))
      const judge = await createAnswerJudge({ host })
      const messages = (content: string) => [{ role: 'user' as const, content }]
      const write = (content: string, intervention?: object) =>
        decoder.generate({
          messages: messages(content),
          maxNewTokens: TOKENS,
          ...(intervention ? { intervention } : {}),
        }).finished
      await write('Hello', {})
      await write('Hello')

      let started = performance.now()
      for (let round = 0; round < 3; round++)
        for (const text of [...asked.texts, ...told.texts]) await write(text)
      const plain = performance.now() - started

      started = performance.now()
      const proof = await proveDirection({
        model,
        harmful: asked,
        harmless: told,
        maxNewTokens: TOKENS,
        host,
        judge,
      })
      const proved = performance.now() - started
      const answers = proof.tallies.reduce((sum, { n }) => sum + n, 0)
      await judge.close()
      return [
        { name: `prove/answers-of-${TOKENS}-tokens`, value: (answers * 1_000) / proved, unit: 'per second' },
        { name: 'prove/against-a-plain-loop', value: proved / plain, unit: 'ratio' },
      ]
    } finally {
      await host.close()
    }
  },
}
