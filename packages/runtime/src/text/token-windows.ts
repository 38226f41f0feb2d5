/**
 * Cuts tokens into overlapping windows, the last one ending with the text: every token is in a window, and a text
 * that fits has one window. An empty text has one empty window.
 * @param size tokens of a window at most, 1 or more
 * @param stride tokens from the start of a window to the start of the next, 1 to `size`
 */
export function tokenWindows(ids: readonly number[], size: number, stride: number): number[][] {
  const windows: number[][] = []
  for (let start = 0; ; start += stride) {
    windows.push(ids.slice(start, start + size))
    if (start + size >= ids.length) return windows
  }
}
