import { chatApp } from '../../../lib/chat-app.ts'
import { withSession } from '../../../lib/session.ts'

// Queues and detectors are of Node: the edge runtime has no threads and no child processes.
export const runtime = 'nodejs'
// A request stays open for twenty seconds at the most.
export const maxDuration = 30
// What it gives is another thing each time, and one person's.
export const dynamic = 'force-dynamic'

export const GET = withSession(chatApp.held)
