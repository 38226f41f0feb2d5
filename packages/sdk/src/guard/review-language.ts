import type { ReviewContent } from '../review/review-item.ts'
import type { ReviewRoute } from '../review/review-route.ts'
import { detectLanguage } from '../text/language.ts'

/** The language of what a reviewer reads: the answer, else the last thing a user wrote. Told only where a route goes by it. */
export async function reviewLanguage(
  { messages, answerText }: ReviewContent,
  routes: readonly ReviewRoute[],
): Promise<string | undefined> {
  if (!routes.some(({ when }) => when?.languages)) return undefined
  const parts = messages.findLast(({ role }) => role === 'user')?.parts ?? []
  const asked = parts.map((part) => (part.type === 'text' ? part.text : '')).join('\n')
  return detectLanguage(answerText ?? asked)
}
