import type { Verb } from './call.ts'
import { claim } from './claim.ts'
import { decide } from './decide.ts'
import { doctor } from './doctor.ts'
import { events } from './events.ts'
import { exportItems } from './export.ts'
import { importItems } from './import.ts'
import { list } from './list.ts'
import { migrate } from './migrate.ts'
import { release, skip } from './release.ts'
import { show } from './show.ts'
import { stats } from './stats.ts'
import { undo } from './undo.ts'
import { verify } from './verify.ts'
import { watch } from './watch.ts'

/** Every verb of `parapet review`. */
export const VERBS: Readonly<Record<string, Verb>> = {
  list,
  show,
  claim,
  release,
  skip,
  decide,
  undo,
  events,
  watch,
  stats,
  export: exportItems,
  import: importItems,
  verify,
  migrate,
  doctor,
}
