import { adapterError } from '../errors/codes.ts'

export const answerMalformed = (issue: string): Error =>
  adapterError('PARAPET_ADAPTER_ANSWER_MALFORMED', { issue })
