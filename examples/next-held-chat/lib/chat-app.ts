import { createGuard } from 'parapet'
import { chatRoutes } from './chat-routes.ts'
import { openQueue } from './open-queue.ts'
import { answer, policy, routes } from './policy.ts'

const queue = await openQueue()

/** The handlers of this app, on its queue. */
export const chatApp = chatRoutes({ guard: createGuard({ policy, queue, routes }), queue, answer })
