import { z } from 'zod'
import { labError } from '../../errors/codes.ts'
import { answerOf, firstLogits, keyOfAsked } from '../ask-model.ts'
import { type FitContext, KINDS, type Kind } from '../fit-context.ts'
import { probabilitiesOf } from '../probabilities.ts'
import { findRefusalTokens } from '../refusal-tokens.ts'
import type { TakenPrompts } from './take-prompts.ts'

const answerRow = z.object({
  kind: z.enum(KINDS),
  index: z.int().nonnegative(),
  /** Absent where the prompt does not fit into the model's context. */
  answer: z.string().optional(),
  refused: z.boolean(),
  tokens: z.array(z.tuple([z.int(), z.number()])),
  opening: z.object({ id: z.int(), text: z.string() }).optional(),
})
type AnswerRow = z.infer<typeof answerRow>

const artefact = z.object({
  /** Ids of the tokens, those that tell most first. */
  ids: z.array(z.int().nonnegative()).min(1),
  /** Their texts, where an answer showed them. */
  texts: z.record(z.string(), z.string()),
  found: z.enum(['answers', 'given']),
  /** Answers that they were found from. */
  n: z.int().nonnegative(),
  /** Prompts that were left out: with an answer they do not fit into the model's context. */
  tooLong: z.int().nonnegative().default(0),
  refused: z.number().nullable(),
  answered: z.number().nullable(),
  auroc: z.number().nullable(),
})

/** The tokens that refusals begin with, and what speaks for them. */
export type FoundTokens = z.infer<typeof artefact>

/** Likeliest first tokens of an answer that are kept. */
const MOST_FIRST_TOKENS = 64
/** Answers of each kind that there must be at the least. */
const FEWEST = 4
/** What the probability of the tokens must make of telling refusals from other answers. */
const LEAST_AUROC = 0.9

/**
 * Stage 2: lets the model answer some prompts of each kind and finds the tokens that its refusals begin with.
 * @throws `PARAPET_LAB_NEVER_REFUSES`, `PARAPET_LAB_ALWAYS_REFUSES`, `PARAPET_LAB_REFUSAL_TOKENS_UNCLEAR`, `PARAPET_LAB_REFUSAL_TOKEN_UNKNOWN`
 */
export async function findTokens(context: FitContext, prompts: TakenPrompts): Promise<FoundTokens> {
  const { options, folder, meter, model } = context
  const { vocabulary, id } = model.manifest
  const given = options.refusalTokens
  if (given) {
    const index = given.findIndex((token) => token >= vocabulary)
    if (index >= 0) throw labError('PARAPET_LAB_REFUSAL_TOKEN_UNKNOWN', { model: id, index, vocabulary })
    return {
      ids: [...given],
      texts: {},
      found: 'given',
      n: 0,
      tooLong: 0,
      refused: null,
      answered: null,
      auroc: null,
    }
  }
  const name = '2-refusal-tokens.json'
  const known = await folder.readJson(name, artefact)
  if (known) return known

  const wanted = KINDS.flatMap((kind) =>
    prompts[kind].pool.slice(0, options.answers).map((index) => ({ kind, index })),
  )
  const lines = await folder.openLines('2-answers.jsonl', answerRow, keyOfAsked)
  const rows = [...lines.rows]
  try {
    meter.step(rows.length, wanted.length, true)
    for (const asked of wanted.slice(rows.length)) {
      const row = await answerRowOf(context, asked)
      await lines.append(row)
      rows.push(row)
      meter.step(rows.length, wanted.length)
    }
  } finally {
    await lines.close()
  }
  const answers = rows.filter(({ answer }) => answer !== undefined)
  checkBehaviour(answers, id)
  const found = findRefusalTokens(answers)
  if (found.ids.length === 0 || !(found.auroc >= LEAST_AUROC))
    throw labError('PARAPET_LAB_REFUSAL_TOKENS_UNCLEAR', {
      model: id,
      auroc: found.auroc,
      needed: LEAST_AUROC,
    })
  // Parsed, so that a run that is taken up again has its fields in the same order, and writes the same file.
  const tokens = artefact.parse({
    ...found,
    texts: textsOf(answers, found.ids),
    found: 'answers',
    n: answers.length,
    tooLong: rows.length - answers.length,
  })
  await folder.writeJson(name, tokens)
  return tokens
}

async function answerRowOf(context: FitContext, asked: { kind: Kind; index: number }): Promise<AnswerRow> {
  const logits = await firstLogits(context, asked)
  if (!logits) return { ...asked, refused: false, tokens: [] }
  const probabilities = probabilitiesOf(logits)
  const answer = await answerOf(context, asked)
  if (!answer) return { ...asked, refused: false, tokens: [] }
  const { text, opening } = answer
  const tokens = Array.from(probabilities, (probability, id): [number, number] => [id, probability])
    .sort(([, a], [, b]) => b - a)
    .slice(0, MOST_FIRST_TOKENS)
  const refused = await context.options.isRefusal(text)
  return { ...asked, answer: text, refused, tokens, ...(opening ? { opening } : {}) }
}

function checkBehaviour(answers: readonly AnswerRow[], model: string): void {
  const of = (kind: Kind) => answers.filter((answer) => answer.kind === kind)
  const refused = (kind: Kind) => of(kind).filter((answer) => answer.refused).length
  const [harmful, harmless] = [of('harmful').length, of('harmless').length]
  if (refused('harmful') < FEWEST)
    throw labError('PARAPET_LAB_NEVER_REFUSES', { model, refused: refused('harmful'), n: harmful })
  if (harmless - refused('harmless') < FEWEST)
    throw labError('PARAPET_LAB_ALWAYS_REFUSES', { model, refused: refused('harmless'), n: harmless })
}

/** A greedy answer opens with its likeliest token, so the first piece of an answer is that token's text. */
function textsOf(answers: readonly AnswerRow[], ids: readonly number[]): Record<string, string> {
  const texts: Record<string, string> = {}
  for (const { opening, tokens } of answers) {
    const likeliest = tokens[0]?.[0]
    if (opening && opening.id === likeliest && ids.includes(opening.id)) texts[opening.id] = opening.text
  }
  return texts
}
