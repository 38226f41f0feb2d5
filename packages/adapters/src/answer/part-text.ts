import type { Part } from '@parapet/sdk'

/** The text of a part of a message, as it is judged; undefined for media. */
export function partText(part: Part | undefined): string | undefined {
  switch (part?.type) {
    case 'text':
    case 'reasoning':
      return part.text
    case 'tool-call':
      return part.input
    case 'tool-result':
      return part.output
    default:
      return undefined
  }
}
