import type { AnswerPart, Guard, JsonObject } from '@parapet/sdk'
import { adapterError } from '../errors/codes.ts'
import { jsonText } from './json-text.ts'
import { judgeParts, type ToolScene } from './judge-parts.ts'
import type { WithheldTool } from './withheld-tool.ts'

/** How tools are guarded, whatever offers them. */
export interface ToolGuardInput {
  readonly guard: Guard
  readonly onWithheld: (withheld: WithheldTool) => void
  readonly onShadowFault: (error: unknown) => void
}

/** Content that may go on, or nothing of it. */
export type Judged<Content> =
  | { readonly kind: 'released'; readonly content: Content }
  | { readonly kind: 'withheld'; readonly decisionId: string }

/** A judged part of a tool's result: text, JSON, or a kind of media that nothing reads. */
export type ResultPart = { readonly text: string; readonly json?: boolean } | { readonly media: string }

/** Judges what tools are called with and what they give. */
export interface ToolGuard {
  /** The arguments of a call, with edits made. They are the same value when nothing was edited. */
  call<Input>(toolName: string, input: Input, scene: ToolScene): Promise<Judged<Input>>
  /** The parts of a result, with edits made, in order; the text of media is empty. */
  result(toolName: string, parts: readonly ResultPart[], scene: ToolScene): Promise<Judged<readonly string[]>>
}

/** A listener that fails must not put its own error in the place of the call's. */
const safely =
  <Event>(listener: (event: Event) => void) =>
  (event: Event) => {
    try {
      listener(event)
    } catch {}
  }

export function createToolGuard({ guard, onWithheld, onShadowFault }: ToolGuardInput): ToolGuard {
  const fault = safely(onShadowFault)
  const tell = safely(onWithheld)

  async function judged(
    toolName: string,
    stage: 'toolCall' | 'toolResult',
    parts: readonly AnswerPart[],
    scene: ToolScene,
  ): Promise<Judged<readonly string[]>> {
    const outcome = await judgeParts(guard, parts, scene, fault)
    if (outcome.kind === 'released') return { kind: 'released', content: outcome.texts }
    const { kind: _, ...withheld } = outcome
    tell({ toolName, stage, ...withheld })
    return { kind: 'withheld', decisionId: outcome.decisionId }
  }

  return {
    async call<Input>(toolName: string, input: Input, scene: ToolScene): Promise<Judged<Input>> {
      const text = jsonText(input, 'toolCall')
      const origin: JsonObject = { kind: 'tool' }
      const part: AnswerPart = { stage: 'toolCall', toolName, text, json: true, origin }
      const outcome = await judged(toolName, 'toolCall', [part], scene)
      if (outcome.kind === 'withheld') return outcome
      const [released = text] = outcome.content
      return { kind: 'released', content: released === text ? input : JSON.parse(released) }
    },

    async result(toolName, parts, scene) {
      if (parts.length === 0) return { kind: 'released', content: [] }
      const answer = parts.map((part): AnswerPart => {
        if ('media' in part) return { stage: 'toolResult', media: part.media }
        return { stage: 'toolResult', toolName, text: part.text, json: part.json === true }
      })
      return judged(toolName, 'toolResult', answer, scene)
    },
  }
}

/** The error that stands in the place of what was withheld, where the app asked for one. */
export const withheldError = ({ decisionId }: { readonly decisionId: string }): Error =>
  adapterError('PARAPET_ADAPTER_TOOL_WITHHELD', { decisionId })
