import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type DirectionMetadata,
  type DirectionModel,
  modelDigest,
  templateDigest,
} from '@parapet/detectors/direction'
import { createModelHost, type DecoderModelFolder, resolveModel } from '@parapet/runtime'
import type { JsonValue } from '@parapet/sdk'
import { type PlannedStage, progressMeter } from '../run/progress.ts'
import { openRunFolder, type RunFolder } from '../run/run-folder.ts'
import { directionDocument } from './direction-document.ts'
import type { FitContext } from './fit-context.ts'
import { type FitOptions, type ResolvedFitOptions, resolveFitOptions } from './fit-options.ts'
import { chooseDirection } from './stages/choose-direction.ts'
import { classMeans } from './stages/class-means.ts'
import { findTokens } from './stages/find-tokens.ts'
import { keepPrompts } from './stages/keep-prompts.ts'
import { shortlistCandidates } from './stages/shortlist-candidates.ts'
import { takePrompts } from './stages/take-prompts.ts'
import { type DirectionTest, testDirection } from './stages/test-direction.ts'
import { verifyModel } from './stages/verify-model.ts'
import { weighCandidates } from './stages/weigh-candidates.ts'
import { weighCosmic } from './stages/weigh-cosmic.ts'

/** The direction that was found. */
export interface FitResult {
  /** Path of the direction file. */
  readonly file: string
  readonly metadata: DirectionMetadata
  /** Mean harmful − mean harmless at the chosen place, not normalised: float32[hidden]. */
  readonly direction: Float32Array
  readonly test: DirectionTest
}

const DIRECTION_FILE = 'direction.safetensors'
/** Nobody waits at a prompt for these passes: a busy machine is no reason to end a run. */
const PATIENT = { unresponsiveMs: 120_000, loadTimeoutMs: 600_000 }
/** The form of a run folder, in `run.json`. */
const RUN_SCHEMA = 'parapet.fit/1'

/**
 * Finds the direction along which a chat model refuses, in the stages of Arditi et al. 2024 (arXiv 2406.11717), and writes it as a
 * direction file. Every stage leaves its artefact in `out`; the same call takes a run up again where it was ended.
 * The model runs some thousand passes: minutes for a small one.
 * @throws `PARAPET_LAB_…`, and the runtime's `PARAPET_MODEL_…` and `PARAPET_RUNTIME_…`
 */
export async function fitDirection(options: FitOptions): Promise<FitResult> {
  const resolved = resolveFitOptions(options)
  const modelFolder = await resolveModel(resolved.model, {}, 'decoder')
  const madeFor = await directionModel(modelFolder)
  const folder = await openRunFolder(resolved.out, configurationOf(resolved, madeFor))
  try {
    return await fitInto(folder, resolved, modelFolder, madeFor)
  } finally {
    await folder.close()
  }
}

async function fitInto(
  folder: RunFolder,
  resolved: ResolvedFitOptions,
  modelFolder: DecoderModelFolder,
  madeFor: DirectionModel,
): Promise<FitResult> {
  const host = resolved.host ?? createModelHost(PATIENT)
  const meter = progressMeter(planOf(resolved), resolved.onProgress)
  const context: FitContext = { options: resolved, model: host.decoder(modelFolder), folder, meter }
  try {
    meter.begin(0)
    const prompts = await takePrompts(context)
    await verifyModel(context)
    meter.begin(1)
    const tokens = resolved.method === 'cosmic' ? undefined : await findTokens(context, prompts)
    meter.begin(2)
    const kept = await keepPrompts(context, prompts, tokens?.ids)
    meter.begin(3)
    const means = await classMeans(context, kept)
    meter.begin(4)
    const shortlist = await shortlistCandidates(context, kept, means)
    meter.begin(5)
    const weighed = tokens
      ? await weighCandidates(context, kept, shortlist, tokens.ids)
      : await weighCosmic(context, kept, means, shortlist)
    meter.begin(6)
    const chosen = await chooseDirection(context, [...weighed])
    meter.begin(7)
    const test = await testDirection(context, prompts, means, chosen.best, tokens?.ids)

    const version = await labVersion()
    const found = { madeFor, tokens, kept, means, shortlist, chosen, test, version }
    const { metadata, bytes } = directionDocument(context, found)
    await folder.writeBytes(DIRECTION_FILE, bytes)
    return { file: join(folder.directory, DIRECTION_FILE), metadata, direction: chosen.best.vector, test }
  } finally {
    if (!resolved.host) await host.close()
  }
}

async function directionModel(folder: DecoderModelFolder): Promise<DirectionModel> {
  const { id, files, layers, hidden } = folder.manifest
  return {
    id,
    sha256: modelDigest(folder.manifest),
    tokenizerSha256: files['tokenizer.json']?.sha256 ?? '',
    templateSha256: await templateDigest(folder),
    layers,
    hidden,
  }
}

/** All that the artefacts depend on. Bounds and shortlist are not among it: they say what is chosen from, and may be changed. */
function configurationOf(options: ResolvedFitOptions, model: DirectionModel): JsonValue {
  const { harmful, harmless, method, seed, train, validation, test, depth } = options
  const { erase, spare, answers, answerTokens, controls, positions, refusalTokens, system } = options
  return {
    schema: RUN_SCHEMA,
    model: { ...model },
    prompts: { harmful: harmful.sha256, harmless: harmless.sha256 },
    options: {
      ...{ method, seed, train, validation, test, depth },
      ...{ erase, spare, answers, answerTokens, controls },
      positions: positions ? [...positions] : 'template',
      refusalTokens: refusalTokens ? [...refusalTokens] : 'answers',
      system: system === undefined ? 'template' : createHash('sha256').update(system, 'utf8').digest('hex'),
    },
  }
}

/** About how many passes each stage takes; a token of an answer counts as a third of one. */
function planOf(options: ResolvedFitOptions): PlannedStage[] {
  const { harmful, harmless, train, validation, answers, answerTokens, shortlist, depth } = options
  const most = Math.max(harmful.texts.length, harmless.texts.length)
  const kept = Math.min(train + validation, most)
  const weighing = Math.min(validation, Math.ceil(kept / 5))
  const test = Math.min(options.test, Math.ceil(most / 4))
  const asks = options.method === 'cosmic' ? 0 : 1
  const candidates = shortlist === 0 ? 100 : shortlist
  return [
    { name: 'prompts', passes: 0 },
    {
      name: 'refusal tokens',
      passes: options.refusalTokens ? 0 : asks * 2 * answers * (2 + answerTokens / 3),
    },
    { name: 'filter', passes: asks * 2 * kept },
    { name: 'means', passes: 2 * (kept - weighing) * depth },
    { name: 'shortlist', passes: 2 * weighing * depth },
    { name: 'candidates', passes: 2 * weighing + candidates * 3 * weighing },
    { name: 'choice', passes: 0 },
    { name: 'test', passes: test * (2 * 4 + 2 * options.controls * asks + 1) },
  ]
}

async function labVersion(): Promise<string> {
  const manifest = await readFile(new URL('../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(manifest) as { version: string }).version
}
