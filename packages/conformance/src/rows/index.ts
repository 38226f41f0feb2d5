import { callLeftRunning } from './call-left-running.ts'
import { choiceLeak } from './choice-leak.ts'
import { failedCheckPasses } from './failed-check-passes.ts'
import { promptLeak } from './prompt-leak.ts'
import { reasoningLeak } from './reasoning-leak.ts'
import { reasonsShown } from './reasons-shown.ts'
import { releasedUnjudged } from './released-unjudged.ts'
import type { Row } from './row.ts'
import { structuredLeak } from './structured-leak.ts'
import { tailUnjudged } from './tail-unjudged.ts'
import { textLeak } from './text-leak.ts'
import { toolCallLeak } from './tool-call-leak.ts'
import { toolResultLeak } from './tool-result-leak.ts'
import { verdictsDiffer } from './verdicts-differ.ts'
import { workGrowth } from './work-growth.ts'

export type { Measured, Row } from './row.ts'

/** Every row, in the order of the table. */
export const ROWS: readonly Row[] = [
  releasedUnjudged,
  tailUnjudged,
  promptLeak,
  textLeak,
  reasoningLeak,
  toolCallLeak,
  toolResultLeak,
  choiceLeak,
  structuredLeak,
  verdictsDiffer,
  failedCheckPasses,
  reasonsShown,
  callLeftRunning,
  workGrowth,
]
