import type { LanguageModelV4Message, LanguageModelV4Prompt, SharedV4Warning } from '@ai-sdk/provider'
import type { ChatMessage } from '@parapet/runtime'
import { adapterError } from '../errors/codes.ts'

/** A prompt as a chat template takes it. */
export interface ChatPrompt {
  readonly messages: ChatMessage[]
  readonly warnings: SharedV4Warning[]
}

const unsupported = (feature: string, instead: string) =>
  adapterError('PARAPET_ADAPTER_UNSUPPORTED', { feature, instead })

/** Translates a prompt of text. @throws PARAPET_ADAPTER_UNSUPPORTED for tool calls, their results and media */
export function chatMessages(prompt: LanguageModelV4Prompt): ChatPrompt {
  const warnings: SharedV4Warning[] = []
  const messages = prompt.map((message): ChatMessage => {
    if (message.role === 'system') return { role: 'system', content: message.content }
    if (message.role === 'tool') throw unsupported('tool results', 'Send it conversations of text.')
    const content = message.content.flatMap((part) => textOf(part, warnings)).join('\n')
    return { role: message.role, content }
  })
  return { messages, warnings }
}

type Part = Exclude<LanguageModelV4Message, { role: 'system' | 'tool' }>['content'][number]

function textOf(part: Part, warnings: SharedV4Warning[]): string[] {
  switch (part.type) {
    case 'text':
      return [part.text]
    case 'reasoning':
      warnings.push({ type: 'unsupported', feature: 'reasoning in the prompt', details: 'It is left out.' })
      return []
    case 'file':
      if (part.data.type === 'text') return [part.data.text]
      throw unsupported('media', 'Send text; a text file goes inline ({ type: "text" }).')
    case 'reasoning-file':
    case 'custom':
      throw unsupported('media', 'Send it conversations of text.')
    case 'tool-call':
    case 'tool-result':
      throw unsupported('tool calls', 'Send it conversations of text.')
  }
}
