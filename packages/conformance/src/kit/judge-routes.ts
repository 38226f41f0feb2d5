import type { Judge } from './judge.ts'

/** One form of asking a check: from the body of the request to the body of the answer. */
export type JudgeRoute = (judge: Judge, body: unknown, signal: AbortSignal) => Promise<object>

const textsOf = (value: unknown): string[] =>
  [value].flat().map((item) => (typeof item === 'string' ? item : JSON.stringify(item ?? '')))

const member = (body: unknown, name: string): unknown =>
  typeof body === 'object' && body !== null ? (body as Record<string, unknown>)[name] : undefined

/** Judges each text; the first that is flagged stands for all. */
async function judgeAll(judge: Judge, texts: readonly string[], signal: AbortSignal) {
  const verdicts = await Promise.all(texts.map((text) => judge.check(text, { signal })))
  return verdicts.find(({ flagged }) => flagged) ?? verdicts[0]
}

/** The forms in which gateways ask a check over HTTP, by the path below the judge's URL. All are POST, and JSON. */
export const JUDGE_ROUTES: Readonly<Record<string, JudgeRoute>> = {
  /** The kit's own: `{ text }` gives the verdict. */
  '/check': async (judge, body, signal) => ({
    ...(await judgeAll(judge, textsOf(member(body, 'text')), signal)),
  }),

  /** OpenAI's moderation route: for gateways that moderate through an OpenAI-compatible URL. */
  '/v1/moderations': async (judge, body, signal) => {
    const verdicts = await Promise.all(
      textsOf(member(body, 'input')).map((text) => judge.check(text, { signal })),
    )
    return {
      id: 'modr-kit',
      model: 'kit',
      results: verdicts.map(({ flagged, score, rule }) => ({
        flagged,
        categories: { [rule]: flagged },
        category_scores: { [rule]: score },
      })),
    }
  },

  /** LiteLLM's generic guardrail API (`/beta/litellm_basic_guardrail_api`). */
  '/beta/litellm_basic_guardrail_api': async (judge, body, signal) => {
    const verdict = await judgeAll(judge, textsOf(member(body, 'texts')), signal)
    return verdict?.flagged
      ? { action: 'BLOCKED', blocked_reason: `${verdict.rule}: ${verdict.reason} (${verdict.score})` }
      : { action: 'NONE' }
  },
}
