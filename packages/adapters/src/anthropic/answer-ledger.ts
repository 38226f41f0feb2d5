import type { GateRelease } from '@parapet/sdk'
import { EditWatch } from '../answer/edit-watch.ts'
import type { WireObject } from '../wire/wire-object.ts'
import { isSeal } from './shape.ts'
import { blockDelta, blockStart, blockStop, type WireEvent } from './wire-events.ts'

/** A block of text or thinking, which arrives and is released in pieces. */
export interface TextEntry {
  readonly kind: 'text' | 'thinking'
  /** Its id in the gate. */
  readonly id: string
  readonly watch: EditWatch
  citations: readonly unknown[]
  signature: unknown
  /** Its last piece has arrived. */
  ended: boolean
  /** Its place in the answer that the caller gets, once the caller has got something of it. */
  index: number | undefined
}

/** A block that is given to the caller in one piece, once all of it was released. */
interface WholeEntry {
  readonly kind: 'whole'
  waiting: number
  readonly events: (index: number) => WireEvent[]
}

type Entry = TextEntry | WholeEntry
type Take = (text: string) => WireEvent[]

/**
 * Turns what a gate releases back into blocks, numbered anew and one after the other: clients read an answer by its last
 * block. Blocks come, and are judged, one after the other, so whatever stands before a released one is complete.
 */
export class AnswerLedger {
  /** What the caller has not got to the end of, in the provider's order. */
  #open: Entry[] = []
  readonly #owners = new Map<string, { readonly entry: Entry; readonly take: Take }>()
  #ids = 0
  #indexes = 0

  #own(entry: Entry, take: Take): string {
    const id = String(this.#ids++)
    this.#owners.set(id, { entry, take })
    return id
  }

  /** Begins a block. */
  text(kind: 'text' | 'thinking'): TextEntry {
    const id = String(this.#ids++)
    const entry: TextEntry = {
      kind,
      id,
      watch: new EditWatch({ keepRest: kind === 'thinking' }),
      citations: [],
      signature: undefined,
      ended: false,
      index: undefined,
    }
    this.#owners.set(id, { entry, take: (text) => this.#emitText(entry, text) })
    this.#open.push(entry)
    return entry
  }

  /** Adds something that belongs to a block of text and is judged apart from it. Returns its id in the gate. */
  attached(entry: TextEntry, take: (text: string) => void): string {
    return this.#own(entry, (text) => {
      take(text)
      return []
    })
  }

  /** Adds a block that leaves in one piece, after each of its `takes` was released. Returns their ids in the gate. */
  whole(takes: readonly ((text: string) => void)[], events: WholeEntry['events']): string[] {
    const entry: WholeEntry = { kind: 'whole', waiting: takes.length, events }
    this.#open.push(entry)
    return takes.map((take) =>
      this.#own(entry, (text) => {
        take(text)
        entry.waiting--
        return entry.waiting === 0 ? this.#closeTo(entry, true) : []
      }),
    )
  }

  /** The events that a step of the gate sets free. */
  release(releases: readonly GateRelease[]): WireEvent[] {
    return releases.flatMap(({ id, text }) => {
      const owner = this.#owners.get(id)
      if (!owner) return []
      return [...this.#closeTo(owner.entry, false), ...owner.take(text)]
    })
  }

  /** Closes the blocks that are out to their end. */
  settle(): WireEvent[] {
    const [first] = this.#open
    if (first?.kind !== 'thinking' && first?.kind !== 'text') return []
    if (!first.ended || !first.watch.settled || first.index === undefined) return []
    this.#open.shift()
    return [...this.#close(first), ...this.settle()]
  }

  /** The answer is over, whole: closes everything. */
  finish(): WireEvent[] {
    for (const entry of this.#open) if (entry.kind !== 'whole') entry.ended = true
    return this.#open.splice(0).flatMap((entry) => this.#close(entry))
  }

  /** The answer ends here: closes what the caller has begun to get. */
  truncate(): WireEvent[] {
    return this.#open
      .splice(0)
      .flatMap((entry) => (entry.kind !== 'whole' && entry.index !== undefined ? this.#close(entry) : []))
  }

  /** A block of the guard's own, after everything else. */
  append(block: WireObject, text: string): WireEvent[] {
    const index = this.#indexes++
    return [blockStart(index, block), blockDelta(index, { type: 'text_delta', text }), blockStop(index)]
  }

  /** Closes what stands before an entry, and the entry too where it is out. */
  #closeTo(entry: Entry, including: boolean): WireEvent[] {
    const place = this.#open.indexOf(entry)
    if (place < 0) return []
    return this.#open.splice(0, place + (including ? 1 : 0)).flatMap((before) => this.#close(before))
  }

  #close(entry: Entry): WireEvent[] {
    if (entry.kind !== 'whole') return this.#closeText(entry)
    return entry.waiting === 0 ? entry.events(this.#indexes++) : []
  }

  #startText(entry: TextEntry): { readonly index: number; readonly events: WireEvent[] } {
    if (entry.index !== undefined) return { index: entry.index, events: [] }
    entry.index = this.#indexes++
    const block =
      entry.kind === 'text'
        ? { type: 'text', text: '', citations: null }
        : { type: 'thinking', thinking: '', signature: '' }
    return { index: entry.index, events: [blockStart(entry.index, block)] }
  }

  #textDelta(entry: TextEntry, text: string): WireEvent[] {
    if (text === '') return []
    const { index, events } = this.#startText(entry)
    const delta =
      entry.kind === 'text' ? { type: 'text_delta', text } : { type: 'thinking_delta', thinking: text }
    return [...events, blockDelta(index, delta)]
  }

  /** Thinking waits at its first edit: whether it is sealed, and so may not be edited, shows when it ends. */
  #emitText(entry: TextEntry, text: string): WireEvent[] {
    const unedited = entry.watch.release(text)
    return this.#textDelta(entry, entry.kind === 'thinking' ? unedited : text)
  }

  #closeText(entry: TextEntry): WireEvent[] {
    const { watch, ended, citations } = entry
    const signature = ended && isSeal(entry.signature) ? entry.signature : undefined
    // A sealed block that was edited ends before the edit, unsigned; any other goes on with the edit made.
    const rest = ended && signature === undefined ? this.#textDelta(entry, watch.rest) : []
    const seal = signature !== undefined && !watch.edited ? [{ type: 'signature_delta', signature }] : []
    const cited = ended ? citations.map((citation) => ({ type: 'citations_delta', citation })) : []
    const deltas = entry.kind === 'text' ? cited : seal
    if (entry.index === undefined && deltas.length === 0) return rest
    const { index, events } = this.#startText(entry)
    return [...rest, ...events, ...deltas.map((delta) => blockDelta(index, delta)), blockStop(index)]
  }
}
