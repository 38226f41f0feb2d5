import { z } from 'zod'
import { JUDGEMENT_KINDS } from '../judge/judgement.ts'
import { CONDITIONS } from './conditions.ts'

/** One answer, as it stands in the evidence. Requests and answers are the user's and the model's words: hostile. */
export const answerRow = z.object({
  kind: z.enum(['harmful', 'harmless']),
  condition: z.enum([...new Set([...CONDITIONS.harmful, ...CONDITIONS.harmless])]),
  /** Place of the prompt in the draw, from 0. */
  index: z.int().nonnegative(),
  /** Which of the random directions, from 0; absent where there is none. */
  draw: z.int().nonnegative().optional(),
  request: z.string(),
  answer: z.string(),
  finishReason: z.enum(['end', 'stop-text', 'max-tokens']),
  judgement: z.object({
    kind: z.enum(JUDGEMENT_KINDS),
    because: z.string(),
    refused: z.number().min(0).max(1).optional(),
  }),
})

export type AnswerRow = z.infer<typeof answerRow>
