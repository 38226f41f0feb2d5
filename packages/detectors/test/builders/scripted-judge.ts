import { MockLanguageModelV4 } from 'ai/test'
import { checkIn } from './remote-detectors.ts'

/** What a scripted judge is shown: what it was told, and what it is to judge. */
export interface Shown {
  readonly instructions: string
  readonly message: string
  readonly check: string
}

const usage = {
  inputTokens: { total: 1, noCache: 1, cacheRead: 0, cacheWrite: 0 },
  outputTokens: { total: 1, text: 1, reasoning: 0 },
}

/** A language model whose answer is a function of what it was shown. */
export function scriptedJudge(
  answer: (shown: Shown, call: number) => string,
  finish: 'stop' | 'length' | 'content-filter' = 'stop',
): MockLanguageModelV4 {
  let calls = 0
  return new MockLanguageModelV4({
    provider: 'scripted',
    modelId: 'judge',
    doGenerate: async ({ prompt }) => {
      const texts = prompt.map(({ role, content }) => ({
        role,
        text:
          typeof content === 'string'
            ? content
            : content.map((part) => (part.type === 'text' ? part.text : '')).join(''),
      }))
      const told = (role: string) =>
        texts
          .filter((message) => message.role === role)
          .map(({ text }) => text)
          .join('\n')
      const instructions = told('system')
      const shown = { instructions, message: told('user'), check: checkIn(instructions) }
      return {
        content: [{ type: 'text', text: answer(shown, calls++) }],
        finishReason: { unified: finish, raw: finish },
        usage,
        warnings: [],
      }
    },
  })
}

/** A verdict in the form that is asked for. */
export const verdict = (check: string, scores: Readonly<Record<string, unknown>>): string =>
  JSON.stringify({ check, scores })
