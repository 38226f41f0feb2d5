import type {
  ReviewEvent,
  ReviewInput,
  ReviewOutput,
  ReviewReads,
  ReviewState,
} from '@parapet/sdk/review-rules'
import { REVIEW_STATES } from '@parapet/sdk'
import type { PostgresConnection } from './driver.ts'
import { toPlacedItem } from './item-row.ts'
import type { ItemQueries } from './item-queries.ts'

