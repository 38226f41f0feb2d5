import { Template } from '@huggingface/jinja'
import { fault } from '../errors/codes.ts'
import { bounded } from './bounded.ts'
import type { ChatMessage } from './chat-message.ts'

/** A chat template, compiled. */
export interface ChatTemplate {
  /**
   * Renders messages to text.
   * @throws `PARAPET_MODEL_TEMPLATE_REFUSED`, `PARAPET_MODEL_TEMPLATE_TIMEOUT`
   */
  render(messages: readonly ChatMessage[], addGenerationPrompt: boolean): string
  /** Whether the template cuts white space off a content's ends. */
  readonly trims: boolean
}

/** The longest text that a template may make, in UTF-16 units. */
const LONGEST_RENDERING = 16_000_000
export const DEFAULT_TEMPLATE_TIMEOUT_MS = 500

/**
 * Compiles a chat template. It runs no code of its own but can loop: a rendering is stopped after `timeoutMs`
 * of the processor's time, whatever it does.
 * @throws `PARAPET_MODEL_TEMPLATE_INVALID`, `PARAPET_MODEL_TEMPLATE_TIMEOUT`
 */
export function compileChatTemplate(
  source: string,
  constants: Readonly<Record<string, string>>,
  model: string,
  timeoutMs = DEFAULT_TEMPLATE_TIMEOUT_MS,
): ChatTemplate {
  const template = bounded(
    () => new Template(source),
    { timeoutMs, late: () => fault('PARAPET_MODEL_TEMPLATE_TIMEOUT', { model, timeoutMs }) },
    // The parser's message can quote the template, never a user's text: it is named, and kept out all the same.
    () => fault('PARAPET_MODEL_TEMPLATE_INVALID', { model, problem: 'it is not a Jinja template' }),
  )
  const render = (messages: readonly ChatMessage[], addGenerationPrompt: boolean): string => {
    // The template may quote a message in its error: no cause is kept.
    const refuse = () =>
      fault('PARAPET_MODEL_TEMPLATE_REFUSED', { model, roles: messages.map(({ role }) => role).join(', ') })
    const text = bounded(
      () =>
        template.render({
          ...constants,
          messages: messages.map(({ role, content }) => ({ role, content })),
          add_generation_prompt: addGenerationPrompt,
        }),
      { timeoutMs, late: () => fault('PARAPET_MODEL_TEMPLATE_TIMEOUT', { model, timeoutMs }) },
      refuse,
    )
    if (typeof text !== 'string' || text.length > LONGEST_RENDERING) throw refuse()
    return text
  }
  return { render, trims: trimsContent(render) }
}

/** Asks the template itself: does white space around a content come out again? */
function trimsContent(render: ChatTemplate['render']): boolean {
  const probe = render([{ role: 'user', content: ' \n parapet \n ' }], true)
  return !probe.includes('parapet \n ')
}
