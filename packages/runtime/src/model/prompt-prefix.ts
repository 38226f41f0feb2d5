import { isRuntimeError } from '../errors/runtime-error.ts'
import { buildChatPrompt } from '../text/chat-prompt.ts'
import type { DecoderGraph } from './decoder-graph.ts'
import type { DecoderText } from './decoder-text.ts'
import type { KeyValueCache } from './key-value-cache.ts'

/** What most prompts open with, read once: the template's own tokens in front of the first user turn. */
export interface PromptPrefix {
  readonly ids: readonly number[]
  /** The keys and values of `ids`: the past of whatever follows them. */
  readonly past: KeyValueCache
}

/** First turns with nothing in common: what their prompts share is the template's. */
const PROBES = ['Why', 'a b', '7', '\u00e9']

/**
 * Reads a template's opening through a graph. `undefined` where there is none, where the template refuses a lone user
 * turn, or where the graph takes no past.
 */
export async function readPromptPrefix(
  text: DecoderText,
  graph: DecoderGraph,
): Promise<PromptPrefix | undefined> {
  const ids = sharedOpening(text)
  if (ids.length === 0) return undefined
  const past = await graph.readPast(ids)
  return past && { ids, past }
}

/** Whether a prompt opens with the prefix and goes on behind it. */
export function opensWith(prompt: readonly number[], { ids }: PromptPrefix): boolean {
  return prompt.length > ids.length && ids.every((id, index) => prompt[index] === id)
}

function sharedOpening({ template, tokenizer }: DecoderText): readonly number[] {
  const prompts = PROBES.map((content) => promptOf(content))
  const [first = []] = prompts
  const length = first.findIndex((id, index) => prompts.some((prompt) => prompt[index] !== id))
  return length === -1 ? [] : first.slice(0, length)

  function promptOf(content: string): readonly number[] {
    try {
      return buildChatPrompt([{ role: 'user', content }], template, tokenizer).ids
    } catch (error) {
      if (isRuntimeError(error) && error.code === 'PARAPET_MODEL_TEMPLATE_REFUSED') return []
      throw error
    }
  }
}
