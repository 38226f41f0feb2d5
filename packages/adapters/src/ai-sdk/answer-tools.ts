import type {
  LanguageModelV4StreamPart,
  LanguageModelV4ToolCall,
  LanguageModelV4ToolResult,
} from '@ai-sdk/provider'
import { defined, flags } from '../answer/known-forms.ts'
import type { AnswerGate } from './answer-gate.ts'
import { type AnswerStep, NOTHING } from './answer-step.ts'

type ToolInputStart = Extract<LanguageModelV4StreamPart, { type: 'tool-input-start' }>

/** The tool calls of an answer, and the results of tools that the provider ran. */
export interface AnswerTools {
  /** Arguments begin to arrive: they wait for the call, which holds all of them and is what is judged. */
  inputStart(part: ToolInputStart): AnswerStep
  toolCall(part: LanguageModelV4ToolCall): Promise<AnswerStep>
  toolResult(part: LanguageModelV4ToolResult): Promise<AnswerStep>
}

/** @param toolNames the tools that the developer offered: their names are not the model's words */
export function createAnswerTools(answer: AnswerGate, toolNames: ReadonlySet<string>): AnswerTools {
  const { gate, ledger, idOf, holder, act, pushWhole } = answer
  const inputs = new Map<string, ToolInputStart>()

  /** The name of a tool that was not offered is made up by the model: it is judged like what it is called with. */
  async function nameOf(
    stage: 'toolCall' | 'toolResult',
    toolName: string,
    build: (released: () => string) => Promise<AnswerStep>,
  ): Promise<AnswerStep> {
    if (toolNames.has(toolName)) return build(() => toolName)
    let released = ''
    const id = ledger.ahead((text) => {
      released = JSON.parse(text)
    })
    const text = JSON.stringify(String(toolName))
    const named = await gate.pushPart(id, {
      stage,
      toolName,
      text,
      json: true,
      origin: { kind: 'tool-name' },
    })
    if (named.kind !== 'open') return act(named)
    const { parts } = act(named)
    const step = await build(() => released)
    return { ...step, parts: [...parts, ...step.parts] }
  }

  function toolCall(part: LanguageModelV4ToolCall): Promise<AnswerStep> {
    const { toolName, input, providerExecuted, dynamic, providerMetadata } = part
    const start = inputs.get(part.toolCallId)
    inputs.delete(part.toolCallId)
    const called = { toolCallId: idOf(part.toolCallId), ...flags({ providerExecuted, dynamic }) }
    return nameOf('toolCall', toolName, (name) =>
      pushWhole({ stage: 'toolCall', toolName, text: input, json: true, origin: called }, (text) => {
        const unedited = text === input && name() === toolName
        return [
          ...(start ? toolInput(start, called.toolCallId, name(), text) : []),
          {
            type: 'tool-call',
            ...called,
            toolName: name(),
            input: text,
            ...(unedited ? holder(providerMetadata) : {}),
          },
        ]
      }),
    )
  }

  /** The arguments once more as the deltas they came in: all of them in one, since they were judged as one. */
  function toolInput(
    { inputEncoding, providerExecuted, dynamic, providerMetadata }: ToolInputStart,
    id: string,
    toolName: string,
    text: string,
  ): LanguageModelV4StreamPart[] {
    const encoding = inputEncoding === 'text' || inputEncoding === 'json' ? inputEncoding : undefined
    return [
      {
        type: 'tool-input-start',
        id,
        toolName,
        ...defined({ inputEncoding: encoding }),
        ...flags({ providerExecuted, dynamic }),
        ...holder(providerMetadata),
      },
      { type: 'tool-input-delta', id, delta: encoding === 'text' ? decodedText(text) : text },
      { type: 'tool-input-end', id },
    ]
  }

  function toolResult(part: LanguageModelV4ToolResult): Promise<AnswerStep> {
    const { toolName, result, isError, preliminary, dynamic, providerMetadata } = part
    // A tool that gives nothing has no JSON of its own.
    const json = JSON.stringify(result) ?? 'null'
    const given = { toolCallId: idOf(part.toolCallId), ...flags({ isError, preliminary, dynamic }) }
    return nameOf('toolResult', toolName, (name) =>
      pushWhole({ stage: 'toolResult', toolName, text: json, json: true, origin: given }, (text) => [
        {
          type: 'tool-result',
          ...given,
          toolName: name(),
          result: JSON.parse(text),
          ...(text === json && name() === toolName ? holder(providerMetadata) : {}),
        },
      ]),
    )
  }

  return {
    inputStart(part) {
      inputs.set(part.id, part)
      return NOTHING
    },
    toolCall,
    toolResult,
  }
}

/** The text that a JSON string holds; what is none stays as it is. */
function decodedText(json: string): string {
  try {
    const text: unknown = JSON.parse(json)
    return typeof text === 'string' ? text : json
  } catch {
    return json
  }
}
