import { chatProtocol } from './chat/chat-protocol.ts'
import type { Protocol } from './protocol.ts'
import { responsesProtocol } from './responses/responses-protocol.ts'

export const PROTOCOLS: Readonly<Record<'chat' | 'responses', Protocol>> = {
  chat: chatProtocol,
  responses: responsesProtocol,
}
