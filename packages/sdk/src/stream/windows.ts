import { beginsEscape, continuesEscape, isVisible } from './visible.ts'

/** A stretch of a part to be judged, and up to where the part may be released once it is. UTF-16 units, end exclusive. */
export interface Window {
  readonly start: number
  readonly end: number
  readonly releaseTo: number
}

/** A cell may hold so many UTF-16 units for each visible character: enough for any script, and a bound for padding. */
const MOST_UNITS_PER_VISIBLE = 32

/**
 * Cuts a growing text into overlapping windows. The text is laid out in cells of half a window, counted in visible
 * characters; a window is two neighbouring cells. Where windows stand depends on the text alone, never on its chunks.
 * A span no longer than a cell that begins in a cell lies whole in the window that begins there, so everything
 * before the window's second cell may be released.
 */
export function createWindower(windowCharacters: number) {
  const cell = Math.floor(windowCharacters / 2)
  const longestCell = cell * MOST_UNITS_PER_VISIBLE
  let overflowed = false
  let inEscape = false
  let position = 0
  let visible = 0
  let previousStart = 0
  let currentStart = 0
  let cells = 0

  return {
    /** Whether a cell held more than its bound: the text is padded with what cannot be seen, and ends here. */
    get overflowed(): boolean {
      return overflowed
    },
    /** Where the next window will begin: nothing before it is read again. */
    get from(): number {
      return previousStart
    },
    /** Reads on; returns the windows that the added text has completed. */
    add(delta: string): Window[] {
      const windows: Window[] = []
      for (let index = 0; index < delta.length; index++) {
        if (position + index - currentStart >= longestCell) {
          overflowed = true
          break
        }
        const unit = delta.charCodeAt(index)
        // A run of escapes counts once: decoded it is at least one character, however deep it is nested.
        inEscape = inEscape ? continuesEscape(unit) : false
        if (inEscape || !isVisible(unit)) continue
        inEscape = beginsEscape(unit)
        // A cell ends where the next visible character begins, so trailing marks stay with what they belong to.
        if (visible === cell) {
          const end = position + index
          if (cells > 0) windows.push({ start: previousStart, end, releaseTo: currentStart })
          cells++
          previousStart = currentStart
          currentStart = end
          visible = 0
        }
        visible++
      }
      position += delta.length
      return windows
    },
    /** The window up to here: whatever no earlier window has released. Undefined when the text is empty. Text may follow. */
    end(): Window | undefined {
      if (position === 0) return undefined
      return { start: previousStart, end: position, releaseTo: position }
    },
  }
}

export type Windower = ReturnType<typeof createWindower>

/** All windows of a whole text: the ones that any chunking of it gives. */
export function windowsOf(text: string, windowCharacters: number): Window[] {
  const windower = createWindower(windowCharacters)
  const windows = windower.add(text)
  const last = windower.end()
  return last ? [...windows, last] : windows
}
