import { createHash } from 'node:crypto'
import { modelDigest } from '@parapet/detectors/direction'
import { createModelHost, type DecoderModelFolder, type ModelHost, resolveModel } from '@parapet/runtime'
import type { JsonValue } from '@parapet/sdk'
import { type AnswerJudge, createAnswerJudge } from '../judge/answer-judge.ts'
import { progressMeter } from '../run/progress.ts'
import { openRunFolder } from '../run/run-folder.ts'
import { answerPrompts, keyOf } from './answer-prompts.ts'
import { type AnswerRow, answerRow } from './answer-row.ts'
import { choosePrompts } from './choose-prompts.ts'
import { CONDITIONS, type Condition, type PromptKind } from './conditions.ts'
import { type Erasure, erasureOf } from './erasure.ts'
import { findDoubts } from './find-doubts.ts'
import { interventionsOf, seedOf } from './interventions.ts'
import { openDirection, type ProvedDirection } from './open-direction.ts'
import { PROOF_SCHEMA, type Proof, type ProofSettings } from './proof.ts'
import { proveError } from './prove-errors.ts'
import {
  FEWEST_PROMPTS,
  type ProveOptions,
  type ResolvedProveOptions,
  resolveProveOptions,
} from './prove-options.ts'
import { tallyAnswers, tallyOf } from './tally-answers.ts'
import { overallVerdict, weighBars } from './weigh-bars.ts'

/**
 * Proves that a direction is the one that refusals hang on, as figure 1 and 3 of Arditi et al. 2024 (arXiv 2406.11717) do:
 * how often the model refuses harmful prompts as it is, with the direction erased and with random directions erased; and
 * harmless prompts as it is, with the direction added and with random vectors of the same length added. Answers are
 * greedy, and a broken or an off-topic one counts neither as refused nor as complied.
 * @throws `PARAPET_LAB_OPTION_INVALID`, `PARAPET_LAB_PROVE_PROMPTS_FEW`, `PARAPET_LAB_PROMPTS_SHARED`,
 *   `PARAPET_LAB_DIRECTION_…`, `PARAPET_DETECTOR_DIRECTION_…`, `PARAPET_LAB_FOLDER_…`, `PARAPET_LAB_JUDGE_FAILED`,
 *   and what the model and its host throw
 */
export async function proveDirection(given: ProveOptions): Promise<Proof> {
  const options = resolveProveOptions(given)
  const prompts = choosePrompts(options, options)
  const folder = await resolveModel(options.model, {}, 'decoder')
  const direction = await openDirection(folder, options.direction)
  const erasure = erasureOf(options, direction.fitted)
  const host = options.host ?? createModelHost({ maxGenerations: options.concurrency })
  let judge: AnswerJudge | undefined
  try {
    judge = options.judge ?? (await createAnswerJudge({ host }))
    return await prove({ options, prompts, folder, direction, erasure, host, judge })
  } finally {
    if (!options.judge) await judge?.close()
    if (!options.host) await host.close()
  }
}

interface Parts {
  readonly options: ResolvedProveOptions
  readonly prompts: Readonly<Record<PromptKind, readonly string[]>>
  readonly folder: DecoderModelFolder
  readonly direction: ProvedDirection
  readonly erasure: Erasure
  readonly host: ModelHost
  readonly judge: AnswerJudge
}

async function prove({ options, prompts, folder, direction, erasure, host, judge }: Parts): Promise<Proof> {
  const model = {
    id: folder.manifest.id,
    sha256: modelDigest(folder.manifest),
  }
  const settings = settingsOf(options, erasure, prompts, judge)
  const { vector: _, unit: __, block: ___, fitted: ____, ...described } = direction
  const configuration = { schema: PROOF_SCHEMA, model, direction: described, settings }
  const evidence = await openEvidence(options.out, configuration as unknown as JsonValue)
  const plan = (['harmful', 'harmless'] as const).map((kind) => ({
    name: `${kind} prompts`,
    passes: prompts[kind].length * CONDITIONS[kind].length,
  }))
  try {
    const rows = await answerPrompts({
      options,
      prompts,
      model: host.decoder(folder),
      judge,
      interventionOf: interventionsOf(direction, erasure, options),
      meter: progressMeter(plan, options.onProgress),
      before: evidence.before,
      keep: evidence.keep,
    })
    const tooLong = countTooLong(rows, prompts)
    const proof = proofOf(rows, { model, direction: described, settings, tooLong, options })
    await evidence.conclude(proof)
    return proof
  } finally {
    await evidence.close()
  }
}

/** Prompts of each kind without an answer. @throws `PARAPET_LAB_PROVE_PROMPTS_FEW` where too few have one */
function countTooLong(rows: readonly AnswerRow[], prompts: Parts['prompts']): Proof['tooLong'] {
  const count = (kind: PromptKind): number => {
    const n = rows.filter((row) => row.kind === kind && row.condition === 'base').length
    const tooLong = prompts[kind].length - n
    if (n < FEWEST_PROMPTS)
      throw proveError('PARAPET_LAB_PROVE_PROMPTS_FEW', { kind, n, needed: FEWEST_PROMPTS, tooLong })
    return tooLong
  }
  return { harmful: count('harmful'), harmless: count('harmless') }
}

function proofOf(
  rows: readonly AnswerRow[],
  {
    options,
    ...told
  }: Pick<Proof, 'model' | 'direction' | 'settings' | 'tooLong'> & { options: ResolvedProveOptions },
): Proof {
  const tallies = tallyAnswers(rows)
  const bars = weighBars(tallies, options.bars)
  const verdict = overallVerdict(bars)
  const rate = (kind: PromptKind, condition: Condition) => tallyOf(tallies, kind, condition).refused.share
  return {
    schema: PROOF_SCHEMA,
    ...told,
    refusalRate: {
      harmful: {
        base: rate('harmful', 'base'),
        erased: rate('harmful', 'erased'),
        randomErased: rate('harmful', 'randomErased'),
      },
      harmless: {
        base: rate('harmless', 'base'),
        added: rate('harmless', 'added'),
        randomAdded: rate('harmless', 'randomAdded'),
      },
    },
    tallies,
    doubts: findDoubts(tallies, told.direction.origin, told.tooLong),
    ...(verdict === undefined ? {} : { bars, verdict }),
  }
}

function settingsOf(
  options: ResolvedProveOptions,
  erasure: Erasure,
  prompts: Parts['prompts'],
  judge: AnswerJudge,
): ProofSettings {
  const { maxNewTokens, seed, randomDirections, addStrength, spare, system } = options
  const told = (kind: PromptKind) => ({ n: prompts[kind].length, sha256: options[kind].sha256 })
  return {
    maxNewTokens,
    seed,
    randomSeeds: Array.from({ length: randomDirections }, (_, draw) => seedOf(seed, draw)),
    addStrength,
    ...erasure,
    spare,
    // A system prompt may hold what its operator keeps to themselves: the proof goes where that must not.
    system: system === undefined ? null : createHash('sha256').update(system, 'utf8').digest('hex'),
    prompts: { harmful: told('harmful'), harmless: told('harmless') },
    judge: judge.digest,
    decoding: 'greedy',
  }
}

/** Where the rows go, and where those of an earlier run come from. */
interface Evidence {
  readonly before: readonly AnswerRow[]
  keep(row: AnswerRow): Promise<void>
  conclude(proof: Proof): Promise<void>
  close(): Promise<void>
}

async function openEvidence(out: string | undefined, configuration: JsonValue): Promise<Evidence> {
  if (out === undefined) {
    const nothing = async () => {}
    return { before: [], keep: nothing, conclude: nothing, close: nothing }
  }
  const folder = await openRunFolder(out, configuration)
  const lines = await folder.openLines('answers.jsonl', answerRow, keyOf).catch(async (error: unknown) => {
    await folder.close()
    throw error
  })
  return {
    before: lines.rows,
    keep: lines.append,
    conclude: (proof) => folder.writeJson('proof.json', proof),
    close: async () => {
      await lines.close()
      await folder.close()
    },
  }
}
