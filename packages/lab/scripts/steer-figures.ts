import { createReadStream } from 'node:fs'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { refusalVector } from '@parapet/detectors'
import { createModelHost, openModelFolder, residPre } from '@parapet/runtime'
import { createAnswerJudge } from '../src/judge/index.ts'
import { JUDGEMENT_KINDS, type JudgementKind } from '../src/judge/judgement.ts'
import { wilsonInterval } from '../src/metrics/index.ts'

/**
 * What steering does where a rule has hit, rightly or by mistake: asks a model every prompt of a file as it is and steered at
 * each strength, and lets the judge say what the answers are. Reads JSON lines of { text, label: 'harmful' | 'harmless', split? };
 * the direction is the model's own, or with `--block` the difference of means at that block over the lines of split
 * `direction`, which are not asked. Prints a row for each label and strength.
 * node --conditions=@parapet/source packages/lab/scripts/steer-figures.ts FILE --model FOLDER [--block 16] [--tokens 24]
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    model: { type: 'string', default: '' },
    block: { type: 'string' },
    tokens: { type: 'string', default: '24' },
    strengths: { type: 'string', default: '0,0.5,1,2' },
  },
})

interface Row {
  readonly text: string
  readonly label: 'harmful' | 'harmless'
  readonly split?: 'direction'
}

const rows: Row[] = []
for await (const line of createInterface({ input: createReadStream(positionals[0] ?? '') }))
  if (line !== '') rows.push(JSON.parse(line))

const host = createModelHost({ loadTimeoutMs: 600_000, unresponsiveMs: 120_000 })
const directory = resolve(values.model)
const model = host.decoder(await openModelFolder(directory, 'decoder'))
const user = (content: string) => [{ role: 'user' as const, content }]

/** Mean harmful − mean harmless, at the last token of the prompt: Arditi et al. 2024, section 2.3. */
async function differenceOfMeans(block: number) {
  const sums = { harmful: new Float64Array(0), harmless: new Float64Array(0) }
  const counts = { harmful: 0, harmless: 0 }
  for (const { text, label } of rows.filter(({ split }) => split === 'direction')) {
    const read = await model.read({
      messages: user(text),
      sites: [{ site: residPre(block), position: 'last' }],
    })
    const [row] = read.kind === 'read' ? read.rows : []
    if (!row) continue
    if (sums[label].length === 0) sums[label] = new Float64Array(row.length)
    row.forEach((value, i) => {
      sums[label][i] = (sums[label][i] ?? 0) + value
    })
    counts[label] += 1
  }
  const vector = Float32Array.from(
    sums.harmful,
    (value, i) => value / counts.harmful - (sums.harmless[i] ?? Number.NaN) / counts.harmless,
  )
  return { vector, block }
}

const { vector, block } =
  values.block === undefined ? await refusalVector(directory) : await differenceOfMeans(Number(values.block))
console.log(`block ${block}, length ${Math.hypot(...vector).toFixed(1)}`)

const judge = await createAnswerJudge({ host })
for (const strength of values.strengths.split(',').map(Number)) {
  const intervention = strength === 0 ? {} : { intervention: { add: { vector, block, strength } } }
  for (const label of ['harmful', 'harmless'] as const) {
    const asked = rows.filter((row) => row.label === label && row.split === undefined)
    const counts = new Map<JudgementKind, number>()
    for (const { text } of asked) {
      const ask = { messages: user(text), maxNewTokens: Number(values.tokens) }
      const answer = (await model.generate({ ...ask, ...intervention }).finished).text
      const { kind } = await judge.judge({ request: text, answer })
      counts.set(kind, (counts.get(kind) ?? 0) + 1)
    }
    const shares = JUDGEMENT_KINDS.map((kind) => {
      const { share, low, high } = wilsonInterval(counts.get(kind) ?? 0, asked.length)
      return `${kind} ${share.toFixed(2)} [${low.toFixed(2)}, ${high.toFixed(2)}]`
    })
    console.log(`strength ${strength}, ${label}, n ${asked.length}: ${shares.join('  ')}`)
  }
}
await judge.close()
await host.close()
