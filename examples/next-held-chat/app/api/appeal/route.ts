import { chatApp } from '../../../lib/chat-app.ts'
import { withSession } from '../../../lib/session.ts'

// Queues and detectors are of Node: the edge runtime has no threads and no child processes.
export const runtime = 'nodejs'

export const POST = withSession(chatApp.appeal)
