export { type Message, type MessageInput, type Part, type Role, toMessages } from './message.ts'
export { STAGES, type Stage } from './stage.ts'
export type { RequestContext, Subject } from './subject.ts'
