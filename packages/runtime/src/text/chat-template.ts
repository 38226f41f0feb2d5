import vm from 'node:vm'
import { Template } from '@huggingface/jinja'
import { fault } from '../errors/codes.ts'
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
 * Compiles a chat template. It runs no code of its own but can loop: a rendering is stopped after `timeoutMs`,
 * whatever it does.
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
    { timeoutMs, model },
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
      { timeoutMs, model },
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

const script = new vm.Script('run()')

/** Runs synchronous work that is stopped, wherever it is, when its time is over. */
function bounded<Result>(
  work: () => Result,
  { timeoutMs, model }: { timeoutMs: number; model: string },
  otherwise: () => Error,
): Result {
  let result: { value: Result } | undefined
  const context = vm.createContext({
    run: () => {
      result = { value: work() }
    },
  })
  try {
    script.runInContext(context, { timeout: timeoutMs })
  } catch (error) {
    if ((error as { code?: unknown } | null)?.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') {
      throw fault('PARAPET_MODEL_TEMPLATE_TIMEOUT', { model, timeoutMs })
    }
    throw otherwise()
  }
  if (result === undefined) throw otherwise()
  return result.value
}
