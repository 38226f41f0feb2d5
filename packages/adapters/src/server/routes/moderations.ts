import type { Decision, DecisionBody } from '@parapet/sdk'
import { z } from 'zod'
import { serverError } from '../codes.ts'
import { contextOf } from '../context-of.ts'
import {
  MODERATION_CATEGORIES,
  type ModerationCategory,
  moderationCategory,
} from '../moderation-categories.ts'
import { type Call, route } from '../route.ts'

/** How many texts one request may bring. */
const MAX_INPUTS = 256

const content = z.union([
  z.object({ type: z.literal('text'), text: z.string() }),
  z.object({ type: z.literal('image_url'), image_url: z.looseObject({}) }),
])
const bodySchema = z.object({
  input: z.union([
    z.string(),
    z.array(z.string()).min(1).max(MAX_INPUTS),
    z.array(content).min(1).max(MAX_INPUTS),
  ]),
  model: z.string().optional().describe('Ignored: the policy decides.'),
})

const each = <Value extends z.ZodType>(value: Value) =>
  z.object(
    Object.fromEntries(MODERATION_CATEGORIES.map((name) => [name, value])) as Record<
      ModerationCategory,
      Value
    >,
  )
const answerSchema = z.object({
  id: z.string().describe('`modr-` and the decision’s id.'),
  model: z.string(),
  results: z.array(
    z.object({
      flagged: z.boolean().describe('Whether the policy holds or blocks.'),
      categories: each(z.boolean()),
      category_scores: each(z.number()),
      category_applied_input_types: each(z.array(z.literal('text'))),
    }),
  ),
})
type Result = z.infer<typeof answerSchema>['results'][number]

/**
 * The inputs, each in the ways it may be read. An array of parts is one input, an array of strings is as many. Whoever reads
 * parts may keep them apart or not: what is cut over two is seen in one way, the words at their ends in the other.
 * @throws PARAPET_SERVER_UNSUPPORTED for images
 */
function readingsOf(input: z.infer<typeof bodySchema>['input']): readonly (readonly string[])[] {
  if (typeof input === 'string') return [[input]]
  if (input.every((item) => typeof item === 'string')) return input.map((text) => [text])
  const texts = input.map((item) => {
    if (typeof item === 'string') return item
    if (item.type === 'text') return item.text
    throw serverError('PARAPET_SERVER_UNSUPPORTED', { feature: 'images', instead: 'Send texts alone.' })
  })
  return [[...new Set([texts.join('\n'), texts.join('')])]]
}

/** The highest score that was measured for each category. A label that nobody measures is no evidence: 0. */
function scoresOf(decisions: readonly DecisionBody[]): Map<ModerationCategory, number> {
  const scores = new Map<ModerationCategory, number>()
  const outcomes = decisions.flatMap(({ parts }) => parts.flatMap((part) => Object.values(part.outcomes)))
  for (const outcome of outcomes) {
    if (outcome.kind !== 'scored') continue
    for (const [label, score] of Object.entries(outcome.scores)) {
      const category = moderationCategory(label)
      if (category) scores.set(category, Math.max(score, scores.get(category) ?? 0))
    }
  }
  return scores
}

function resultOf(made: readonly Decision[], decisions: readonly DecisionBody[]): Result {
  const scores = scoresOf(decisions)
  const held = new Set<ModerationCategory>()
  for (const reason of made.flatMap(({ reasons }) => reasons)) {
    const category = reason.kind === 'rule' ? moderationCategory(reason.label) : undefined
    if (!category || reason.kind !== 'rule') continue
    held.add(category)
    scores.set(category, Math.max(reason.score, scores.get(category) ?? 0))
  }
  const by = <Value>(value: (category: ModerationCategory) => Value) =>
    Object.fromEntries(MODERATION_CATEGORIES.map((name) => [name, value(name)])) as Record<
      ModerationCategory,
      Value
    >
  return {
    flagged: made.some(({ effective }) => effective !== 'allow'),
    categories: by((category) => held.has(category)),
    category_scores: by((category) => scores.get(category) ?? 0),
    category_applied_input_types: by((category) => (scores.has(category) ? ['text'] : [])),
  }
}

async function moderate(
  call: Call,
  readings: readonly string[],
): Promise<{ readonly id: string | undefined; readonly result: Result }> {
  const { guard, signal, options } = call
  const ask = async () => {
    const made: Decision[] = []
    for (const text of readings)
      made.push(await guard.check({ stage: 'input', text, context: contextOf(call), signal }))
    return made
  }
  const { tap } = options
  const { result: made, decisions } = tap ? await tap.collect(ask) : { result: await ask(), decisions: [] }
  const telling = made.find(({ effective }) => effective !== 'allow') ?? made[0]
  if (telling) call.decided(telling)
  return { id: telling?.id, result: resultOf(made, decisions) }
}

async function handle(call: Call): Promise<Response> {
  const { input } = await call.json(bodySchema)
  const moderated: Awaited<ReturnType<typeof moderate>>[] = []
  // One after the other: a request is one place among those that run at once, whatever it brings.
  for (const readings of readingsOf(input)) moderated.push(await moderate(call, readings))
  const { id, version } = call.guard.policy.document
  return Response.json({
    id: `modr-${moderated[0]?.id}`,
    model: `${id}@${version}`,
    results: moderated.map(({ result }) => result),
  })
}

export const moderationsRoute = route({
  method: 'POST',
  path: '/v1/moderations',
  id: 'moderations',
  summary: 'OpenAI’s moderation route: each text judged as input.',
  body: { type: 'application/json', schema: bodySchema },
  answers: [{ type: 'application/json', schema: answerSchema }],
  handle,
})
