import type { Route } from '../route.ts'
import { checkRoute } from './check.ts'
import { checkStreamRoute } from './check-stream.ts'
import { COMPLETION_ROUTES } from './completions.ts'
import { inputRoute } from './input.ts'
import { LITELLM_ROUTES } from './litellm.ts'
import { moderationsRoute } from './moderations.ts'
import { ticketRoute } from './ticket.ts'

/** Every route that judges. */
export const ROUTES: readonly Route[] = [
  checkRoute,
  checkStreamRoute,
  inputRoute,
  ticketRoute,
  moderationsRoute,
  ...LITELLM_ROUTES,
  ...COMPLETION_ROUTES,
]
