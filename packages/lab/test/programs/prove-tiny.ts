import { proveDirection } from '../../src/index.ts'
import { shouted, spoken } from '../builders/tiny-prompts.ts'
import { wordJudge } from '../builders/word-judge.ts'

/** Proves the direction of a tiny model into a run folder, and says after each answer how far it is. For a test that kills it. */
const [model = '', out = ''] = process.argv.slice(2)
await proveDirection({
  model,
  out,
  harmful: shouted,
  harmless: spoken,
  maxNewTokens: 12,
  concurrency: 1,
  judge: wordJudge,
  onProgress: ({ stage, done }) => process.stdout.write(`${stage} ${done}\n`),
})
