import { randomUUID } from 'node:crypto'
import { chainLine, FIRST_PREVIOUS, type Head } from './chain.ts'
import { checkedMembers } from './checked-members.ts'
import type { RecordBody, RecordSink } from './decision-record.ts'
import type { RecordKeys } from './record-keys.ts'

/** A sink that keeps its lines in memory. */
export interface MemorySink extends RecordSink {
  readonly writer: string
  /** The lines as a file would have them, without newlines. */
  readonly lines: readonly string[]
  /** What was appended, oldest first. */
  readonly bodies: readonly RecordBody[]
  head(): Head | undefined
}

/** A sink for tests: the same checks, the same chain, no file. Bodies are kept as given. */
export function memorySink(
  options: { readonly keys?: RecordKeys; readonly now?: () => number } = {},
): MemorySink {
  const { keys, now = Date.now } = options
  const writer = randomUUID()
  const lines: string[] = []
  const bodies: RecordBody[] = []
  let head: Head | undefined
  return {
    writer,
    lines,
    bodies,
    head: () => head,
    async append(body) {
      const sequence = lines.length
      const previous = head?.hash ?? FIRST_PREVIOUS
      const link = { schema: 'parapet.record/1', writer, sequence, at: now(), previous } as const
      const { line, hash } = chainLine(checkedMembers(body), link, keys?.current)
      lines.push(line)
      bodies.push(body)
      head = { writer, sequence, hash }
    },
  }
}
