import { type DecoderModel, isRuntimeError } from '@parapet/runtime'
import type { AnswerJudge } from '../judge/answer-judge.ts'
import { persistently } from '../run/persistently.ts'
import type { ProgressMeter } from '../run/progress.ts'
import type { AnswerRow } from './answer-row.ts'
import { CONDITIONS, type Condition, type PromptKind } from './conditions.ts'
import type { interventionsOf } from './interventions.ts'
import type { ResolvedProveOptions } from './prove-options.ts'

/** One answer that is to be written. */
interface Asked {
  readonly kind: PromptKind
  readonly condition: Condition
  readonly index: number
  readonly draw?: number | undefined
}

/** What answers are written with. */
export interface AnswerContext {
  readonly options: ResolvedProveOptions
  readonly prompts: Readonly<Record<PromptKind, readonly string[]>>
  readonly model: DecoderModel
  readonly judge: AnswerJudge
  readonly interventionOf: ReturnType<typeof interventionsOf>
  readonly meter: ProgressMeter
  /** Rows of an earlier run of the same configuration. */
  readonly before: readonly AnswerRow[]
  /** Keeps a row as soon as it is known. */
  readonly keep: (row: AnswerRow) => Promise<void>
}

/**
 * Writes and judges every answer that is not there yet, some side by side: greedy, to the end or the cap. The conditions
 * of one prompt follow each other, so that its attention sinks are looked for once. A prompt that does not fit into the model's
 * context with its answer is left out, and has no row. Gives all rows, in the order of the plan.
 */
export async function answerPrompts(context: AnswerContext): Promise<AnswerRow[]> {
  const known = new Map(context.before.map((row) => [keyOf(row), row]))
  for (const [stage, kind] of (['harmful', 'harmless'] as const).entries()) {
    const plan = planOf(context, kind)
    const missing = plan.filter((asked) => !known.has(keyOf(asked)))
    let done = plan.length - missing.length
    context.meter.begin(stage)
    context.meter.step(done, plan.length, true)
    await inLanes(missing, context.options.concurrency, async (asked) => {
      const row = await answerOne(context, asked)
      if (row) {
        await context.keep(row)
        known.set(keyOf(row), row)
      }
      done += 1
      context.meter.step(done, plan.length)
    })
  }
  return (['harmful', 'harmless'] as const).flatMap((kind) =>
    planOf(context, kind).flatMap((asked) => known.get(keyOf(asked)) ?? []),
  )
}

/** What tells one answer from another. */
export const keyOf = ({ kind, condition, index }: Pick<Asked, 'kind' | 'condition' | 'index'>): string =>
  `${kind} ${condition} ${index}`

function planOf({ prompts, options }: AnswerContext, kind: PromptKind): Asked[] {
  return prompts[kind].flatMap((_, index) =>
    CONDITIONS[kind].map((condition) => ({
      kind,
      condition,
      index,
      ...(condition.startsWith('random') ? { draw: index % options.randomDirections } : {}),
    })),
  )
}

async function answerOne(context: AnswerContext, asked: Asked): Promise<AnswerRow | undefined> {
  const { options, prompts, model, judge, interventionOf } = context
  const request = prompts[asked.kind][asked.index] ?? ''
  const signal = options.signal ? { signal: options.signal } : {}
  const system = options.system === undefined ? [] : [{ role: 'system' as const, content: options.system }]
  const answered = await persistently(
    () =>
      model.generate({
        messages: [...system, { role: 'user', content: request }],
        maxNewTokens: options.maxNewTokens,
        intervention: interventionOf(asked.condition, asked.draw ?? 0),
        ...signal,
      }).finished,
  ).catch((error: unknown) => {
    if (isRuntimeError(error) && error.code === 'PARAPET_MODEL_CONTEXT_EXCEEDED') return undefined
    throw error
  })
  if (!answered) return undefined
  const { text, reason } = answered
  const judgement = await judge.judge({ request, answer: text }, signal)
  return { ...asked, request, answer: text, finishReason: reason, judgement }
}

/** Works through items in order, `lanes` at a time; the first fault ends it, once what runs has ended. */
async function inLanes<Item>(
  items: readonly Item[],
  lanes: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  let next = 0
  let failed = false
  const lane = async () => {
    while (next < items.length && !failed) {
      const item = items[next++] as Item
      await work(item).catch((error: unknown) => {
        failed = true
        throw error
      })
    }
  }
  const ended = await Promise.allSettled(Array.from({ length: lanes }, lane))
  const fault = ended.find((end) => end.status === 'rejected')
  if (fault) throw fault.reason
}
