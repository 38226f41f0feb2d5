import type {
  LanguageModelV4Citation,
  LanguageModelV4StreamPart,
  SharedV4ProviderMetadata,
} from '@ai-sdk/provider'
import type { GateRelease } from '@parapet/sdk'
import { EditWatch } from '../answer/edit-watch.ts'
import { isSealed } from './safe-metadata.ts'

/** A block of text or reasoning that arrives in deltas. */
export interface TextEntry {
  readonly kind: 'text' | 'reasoning'
  /** Its id in the gate, and the id that the caller sees. */
  readonly id: string
  readonly watch: EditWatch
  /** As the provider gave it last, made safe. */
  metadata: SharedV4ProviderMetadata | undefined
  citations: LanguageModelV4Citation[] | undefined
  /** Whether anything was pushed into the gate. */
  pushed: boolean
  started: boolean
  /** The metadata that left with its start. */
  startedWith: SharedV4ProviderMetadata | undefined
  ended: boolean
  /** Releases of the step in hand that are still to come. */
  due: number
}

/** What is given to the caller in one piece. */
interface WholeEntry {
  readonly kind: 'whole' | 'inert'
  due: number
}

interface InertEntry extends WholeEntry {
  readonly parts: readonly LanguageModelV4StreamPart[]
}

type Entry = TextEntry | WholeEntry
type Take = (text: string) => LanguageModelV4StreamPart[]

const isText = (entry: Entry): entry is TextEntry => entry.kind === 'text' || entry.kind === 'reasoning'

/**
 * Turns what a gate releases back into parts of a stream, in the provider's order and validly paired. Blocks are closed
 * once nothing of them can follow; whatever was not released when the answer ends is never emitted.
 */
export class AnswerLedger {
  /** What the caller has not got to the end of, in the provider's order. */
  readonly #open = new Set<Entry>()
  /** Blocks of which the caller has got something. */
  readonly #live = new Set<TextEntry>()
  readonly #owners = new Map<string, { readonly entry: Entry; readonly take: Take }>()
  #ids = 0

  nextId(): string {
    return String(this.#ids++)
  }

  /** Begins a block. */
  text(kind: 'text' | 'reasoning'): TextEntry {
    const entry: TextEntry = {
      kind,
      id: this.nextId(),
      watch: new EditWatch({ keepRest: kind === 'reasoning' }),
      metadata: undefined,
      citations: undefined,
      pushed: false,
      started: false,
      startedWith: undefined,
      ended: false,
      due: 0,
    }
    this.#open.add(entry)
    this.#owners.set(entry.id, {
      entry,
      take: (text) => {
        this.#live.add(entry)
        return emitText(entry, text)
      },
    })
    return entry
  }

  /** Adds a part that is released in one piece. Returns its id in the gate. */
  whole(build: Take): string {
    const id = this.nextId()
    const entry: WholeEntry = { kind: 'whole', due: 0 }
    this.#open.add(entry)
    const take: Take = (text) => {
      this.#open.delete(entry)
      return build(text)
    }
    this.#owners.set(id, { entry, take })
    return id
  }

  /** Adds something that belongs to a block and is judged apart from it. Returns its id in the gate. */
  attached(entry: TextEntry, take: (text: string) => void): string {
    return this.#silent(entry, take)
  }

  /** Adds something that is judged for the part that follows it, and is no part itself. Returns its id in the gate. */
  ahead(take: (text: string) => void): string {
    const entry: WholeEntry = { kind: 'whole', due: 0 }
    return this.#silent(entry, take)
  }

  #silent(entry: Entry, take: (text: string) => void): string {
    const id = this.nextId()
    const silent: Take = (text) => {
      take(text)
      return []
    }
    this.#owners.set(id, { entry, take: silent })
    return id
  }

  /** Adds parts without content: they follow what stands before them. */
  inert(...parts: readonly LanguageModelV4StreamPart[]): void {
    const entry: InertEntry = { kind: 'inert', due: 0, parts }
    this.#open.add(entry)
  }

  /** The parts that a step of the gate sets free. */
  release(releases: readonly GateRelease[]): LanguageModelV4StreamPart[] {
    const owned = releases.flatMap(({ id, text }) => {
      const owner = this.#owners.get(id)
      return owner ? [{ ...owner, text }] : []
    })
    for (const { entry } of owned) entry.due++
    return owned.flatMap(({ entry, take, text }) => {
      const before = this.#closeBefore(entry)
      entry.due--
      return [...before, ...take(text)]
    })
  }

  /** Closes blocks that are out to their end. */
  settle(): LanguageModelV4StreamPart[] {
    const settled = this.#started().filter(({ ended, watch }) => ended && watch.settled)
    return settled.flatMap((entry) => this.#close(entry))
  }

  /** The answer is over, whole: closes everything. */
  finish(): LanguageModelV4StreamPart[] {
    for (const entry of this.#open) if (isText(entry)) entry.ended = true
    return [...this.#open].flatMap((entry) => this.#close(entry))
  }

  /** The answer ends here: closes what the caller has begun to get. */
  truncate(): LanguageModelV4StreamPart[] {
    return this.#started().flatMap((entry) => this.#close(entry))
  }

  #started(): TextEntry[] {
    return [...this.#live].filter(({ started }) => started)
  }

  #closeBefore(entry: Entry): LanguageModelV4StreamPart[] {
    if (!this.#open.has(entry)) return []
    const closable = (other: Entry) =>
      other.due === 0 && (isText(other) ? other.ended && hasCome(other) : other.kind === 'inert')
    const closed: LanguageModelV4StreamPart[] = []
    for (const other of this.#open) {
      if (other === entry) break
      if (closable(other)) closed.push(...this.#close(other))
    }
    return closed
  }

  #close(entry: Entry): LanguageModelV4StreamPart[] {
    this.#open.delete(entry)
    if (isText(entry)) this.#live.delete(entry)
    if (isText(entry)) return closeText(entry)
    return 'parts' in entry ? [...(entry as InertEntry).parts] : []
  }
}

/** Something of it came out, though it may wait for its end; or there was nothing to come. */
const hasCome = ({ started, pushed, watch }: TextEntry): boolean => started || !pushed || watch.edited

const withMetadata = (providerMetadata: SharedV4ProviderMetadata | undefined) =>
  providerMetadata === undefined ? {} : { providerMetadata }

function startText(entry: TextEntry): LanguageModelV4StreamPart[] {
  if (entry.started) return []
  entry.started = true
  // An edited text no longer is what the metadata is about.
  entry.startedWith = entry.watch.edited ? undefined : entry.metadata
  return [{ type: `${entry.kind}-start`, id: entry.id, ...withMetadata(entry.startedWith) }]
}

/** Reasoning waits at its first edit: whether it is sealed, and so may not be edited, shows when it ends. */
function emitText(entry: TextEntry, text: string): LanguageModelV4StreamPart[] {
  const unedited = entry.watch.release(text)
  const delta = entry.kind === 'reasoning' ? unedited : text
  if (delta === '') return []
  return [...startText(entry), { type: `${entry.kind}-delta`, id: entry.id, delta }]
}

function closeText(entry: TextEntry): LanguageModelV4StreamPart[] {
  const { kind, id, watch, ended } = entry
  const rest = kind === 'reasoning' && ended && !isSealed(entry.metadata) ? watch.rest : ''
  const whole = ended && !watch.edited
  // Later metadata replaces what left with the start, also where nothing of it holds any more.
  const metadata = whole ? entry.metadata : entry.startedWith && {}
  return [
    ...startText(entry),
    ...(rest === '' ? [] : [{ type: `${kind}-delta` as const, id, delta: rest }]),
    kind === 'reasoning'
      ? { type: 'reasoning-end', id, ...withMetadata(metadata) }
      : { type: 'text-end', id, ...withMetadata(metadata), ...citationsOf(entry) },
  ]
}

/** Citations, without places in a text that was edited. */
function citationsOf({ citations, watch, ended }: TextEntry): { citations?: LanguageModelV4Citation[] } {
  if (!citations || !ended) return {}
  if (!watch.edited) return { citations }
  return { citations: citations.map(({ startIndex: _, endIndex: __, ...citation }) => citation) }
}
