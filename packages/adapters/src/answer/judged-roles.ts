import type { Role } from '@parapet/sdk'

/** Whether system messages are the developer's own, or judged as a user's: who sends a request picks its roles. */
export type SystemMessages = 'judge' | 'trust'

/** The messages with the roles that they are judged by. */
export function judgedRoles<Given extends { readonly role: Role }>(
  messages: readonly Given[],
  systemMessages: SystemMessages,
): Given[] {
  return messages.map((message) =>
    message.role === 'system' && systemMessages === 'judge' ? { ...message, role: 'user' } : message,
  )
}
