import type { Part } from '@parapet/sdk'

/** The text of a part of a request, whatever its kind; undefined for media. */
export function partText(part: Part): string | undefined {
  switch (part.type) {
    case 'text':
    case 'reasoning':
      return part.text
    case 'tool-call':
      return part.input
    case 'tool-result':
      return part.output
    case 'media':
      return undefined
  }
}
