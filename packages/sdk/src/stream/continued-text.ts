import type { Edit } from '../decision/decision.ts'
import { PartBuffer } from './part-buffer.ts'
import { createWindower, type Window, type Windower } from './windows.ts'

/** A block of a continued text, and where it stands in it: UTF-16 units, end exclusive. */
export interface TextBlock {
  readonly start: number
  readonly end: number
  readonly ended: boolean
}

/** A window to be judged: of one block, or of the text that the blocks are together. */
export interface TextWindow {
  /** The block that it is a window of; undefined for one of all blocks together. */
  readonly block: TextBlock | undefined
  /** In the text that it is a window of. */
  readonly start: number
  readonly end: number
  /** Its text has been judged as a window of the same text: there is nothing to measure again. */
  readonly known: boolean
  /** Up to where, of all blocks together, each of the two readings lets the text go once this window has passed. */
  readonly alone: number
  readonly joined: number
}

/** What is set free of a block. */
export interface BlockRelease {
  readonly block: TextBlock
  readonly text: string
}

interface Block extends TextBlock {
  end: number
  ended: boolean
  windower: Windower | undefined
}

/** Windows of two readings in the order of their ends; of two with one end, that of the block first. */
function inOrder(ofBlock: readonly TextWindow[], ofAll: readonly TextWindow[]): TextWindow[] {
  const end = (window: TextWindow) => (window.block?.start ?? 0) + window.end
  return [...ofBlock, ...ofAll].sort((a, b) => end(a) - end(b))
}

/**
 * The blocks of a text, one after the other, as they are released in windows. Read twice: each block alone, since a word
 * that follows another block's end is whole in its own block only, and all blocks as the one text that they are, since
 * something may be cut in two where a block ends. Text is free once both readings have let it go, so the end of a block
 * waits for the beginning of the next. The first block is one reading: both are the same text.
 */
export class ContinuedText {
  readonly #windowCharacters: number
  readonly #windower: Windower
  readonly #buffer = new PartBuffer()
  /** The blocks that are not out to their end. */
  readonly #open: Block[] = []
  /** The first block with a text. */
  #first: Block | undefined
  #last: Block | undefined
  #length = 0
  #released = 0
  #alone = 0
  #joined = 0
  /** The last window of all blocks together that was judged. */
  #judged: Pick<Window, 'start' | 'end'> = { start: 0, end: 0 }

  constructor(windowCharacters: number) {
    this.#windowCharacters = windowCharacters
    this.#windower = createWindower(windowCharacters)
  }

  /** Begins a block; the one before it has ended. */
  begin(): TextBlock {
    const block: Block = { start: this.#length, end: this.#length, ended: false, windower: undefined }
    this.#open.push(block)
    this.#last = block
    return block
  }

  /**
   * Adds to the last block; returns the windows that this completes, in the order in which a text that comes in smaller
   * pieces completes them.
   */
  add(delta: string): TextWindow[] {
    const block = this.#last
    if (!block || delta === '') return []
    this.#buffer.append(delta)
    this.#length += delta.length
    block.end = this.#length
    this.#first ??= block
    const completed = this.#windower.add(delta)
    const ofAll = completed.length === 0 ? [] : completed.map((window) => this.#ofAll(window))
    if (block === this.#first) return ofAll
    block.windower ??= createWindower(this.#windowCharacters)
    const ofBlock = block.windower.add(delta).map((window) => this.#ofBlock(block, window))
    return ofBlock.length === 0 ? ofAll : inOrder(ofBlock, ofAll)
  }

  /** Whether a window held more than its bound of what cannot be seen. */
  get overflowed(): boolean {
    return this.#windower.overflowed || this.#last?.windower?.overflowed === true
  }

  /** Ends the last block; returns its last window. */
  endBlock(): TextWindow[] {
    const block = this.#last
    if (!block) return []
    block.ended = true
    if (block === this.#first) {
      const last = this.#windower.end()
      return last ? [{ ...this.#ofAll(last), joined: 0 }] : []
    }
    const last = block.windower?.end()
    return last ? [this.#ofBlock(block, last)] : []
  }

  /** The window that sets free what waits for the next block. What follows is read together with it all the same. */
  settle(): TextWindow[] {
    const last = this.#windower.end()
    return last ? [this.#ofAll(last)] : []
  }

  read({ block, start, end }: TextWindow): string {
    const offset = block?.start ?? 0
    return this.#buffer.read({ start: start + offset, end: end + offset })
  }

  /** Keeps what is to be cut out of a window; offsets count in the text that it is a window of. */
  edit({ block }: TextWindow, edits: readonly Edit[]): void {
    const offset = block?.start ?? 0
    this.#buffer.edit(edits.map((edit) => ({ ...edit, start: edit.start + offset, end: edit.end + offset })))
  }

  /** A window has been judged. */
  pass({ alone, joined }: TextWindow): void {
    this.#alone = Math.max(this.#alone, alone)
    this.#joined = Math.max(this.#joined, joined)
  }

  /** What both readings have set free, by blocks, edits applied. */
  release(): BlockRelease[] {
    const released = this.#releaseTo(Math.min(this.#alone, this.#joined))
    const { windower, start = 0 } = this.#last ?? {}
    this.#buffer.drop(Math.min(this.#windower.from, windower ? start + windower.from : Infinity))
    return released
  }

  /** All that is left of a block, once what stands before it is out. */
  rest(block: TextBlock): string {
    return this.#releaseTo(block.end)
      .filter((released) => released.block === block)
      .map(({ text }) => text)
      .join('')
  }

  /** Whether nothing of a block is still to come. */
  isOut(block: TextBlock): boolean {
    return block.ended && this.#released >= block.end
  }

  #releaseTo(to: number): BlockRelease[] {
    const releases: BlockRelease[] = []
    for (let block = this.#open[0]; block; block = this.#open[0]) {
      const end = Math.min(to, block.end)
      if (end > this.#released) {
        releases.push({ block, text: this.#buffer.release(end) })
        this.#released = end
      }
      if (!block.ended || block.end > to) break
      this.#open.shift()
    }
    return releases
  }

  #ofBlock(block: Block, { start, end, releaseTo }: Window): TextWindow {
    return { block, start, end, known: false, alone: block.start + releaseTo, joined: 0 }
  }

  /** A window of all blocks together, which within the first of them is one of that block. */
  #ofAll({ start, end, releaseTo }: Window): TextWindow {
    const known = this.#judged.start === start && this.#judged.end === end
    this.#judged = { start, end }
    const block = this.#first && end <= this.#first.end ? this.#first : undefined
    return { block, start, end, known, alone: block ? releaseTo : 0, joined: releaseTo }
  }
}
