import type { Subject } from '@parapet/sdk'
import type { ModelMessage } from 'ai'
import { LLAMA_GUARD_HAZARDS } from './llama-guard-verdict.ts'

/** Who puts the conversation into Llama Guard's own template: the server, as most do, or this client. */
export type LlamaGuardTemplate = 'server' | 'client'

/** Where a model wrote the text, Llama Guard judges its agent; elsewhere it judges the user. */
const AGENT_STAGES = ['output', 'reasoning', 'toolCall']

/** What Llama Guard is shown: the last user turn before an agent's, and the turn that is judged. */
export function llamaGuardMessages(subject: Subject, template: LlamaGuardTemplate): ModelMessage[] {
  const agent = AGENT_STAGES.includes(subject.stage)
  const turns: { readonly role: 'user' | 'assistant'; readonly content: string }[] = agent
    ? [
        { role: 'user', content: plain(lastUserText(subject)) },
        { role: 'assistant', content: plain(subject.text) },
      ]
    : [{ role: 'user', content: plain(subject.text) }]
  if (template === 'server') return turns
  const written = turns.map(({ role, content }) => `${nameOf(role)}: ${content}`).join('\n\n')
  return [{ role: 'user', content: rendered(agent ? 'Agent' : 'User', written) }]
}

const nameOf = (role: 'user' | 'assistant') => (role === 'user' ? 'User' : 'Agent')

function lastUserText({ conversation }: Subject): string {
  const last = conversation.findLast(({ role }) => role === 'user')
  const texts = last?.parts.flatMap((part) => (part.type === 'text' ? [part.text] : [])) ?? []
  return texts.join('\n') || '(not shown)'
}

/**
 * Takes out of a text what would be read as the template: control tokens, the marks of its parts, and lines that pass
 * for another speaker's. Llama Guard was trained on plain text, so it cannot be encoded as a judge's data is.
 */
function plain(text: string): string {
  return text
    .toWellFormed()
    .replaceAll('<|', '‹|')
    .replace(/<(?=\/?(?:BEGIN|END)\b)/gi, '‹')
    .replace(/[\n\r\u2028\u2029]+(?=\s*(?:User|Agent)\s*:)/gi, ' ')
}

/** The template of Llama Guard 3, as its model card gives it, without descriptions of the hazards. */
function rendered(judged: 'User' | 'Agent', conversation: string): string {
  const categories = Object.entries(LLAMA_GUARD_HAZARDS)
    .map(([code, label]) => `${code}: ${titled(label)}.`)
    .join('\n')
  return `Task: Check if there is unsafe content in '${judged}' messages in conversations according our safety policy with the below categories.

<BEGIN UNSAFE CONTENT CATEGORIES>
${categories}
<END UNSAFE CONTENT CATEGORIES>

<BEGIN CONVERSATION>

${conversation}

<END CONVERSATION>

Provide your safety assessment for ONLY THE LAST ${judged} message in the above conversation:
 - First line must read 'safe' or 'unsafe'.
 - If unsafe, a second line must include a comma-separated list of violated categories.`
}

const titled = (label: string) =>
  label
    .split('-')
    .map((word) => (word === 'and' ? word : word.charAt(0).toUpperCase() + word.slice(1)))
    .join(' ')
