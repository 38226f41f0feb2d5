import type { LanguageModelV4Citation } from '@ai-sdk/provider'
import type { TextEntry } from './answer-ledger.ts'

/** Text blocks that follow one another, as one text. */
export interface JoinedText {
  readonly entry: TextEntry
  readonly text: string
  readonly citations: readonly LanguageModelV4Citation[]
}

/** Joins the text blocks of a structured answer: the AI SDK parses what they say together, so that is what is judged. */
export interface JsonBlocks {
  /** How long the joined text is, in UTF-16 units. */
  readonly characters: number
  /** Begins a block, or goes on with the one before it. */
  join(): TextEntry
  add(text: string): void
  end(citations: readonly LanguageModelV4Citation[]): void
  /** Ends the joined text. */
  take(): JoinedText | undefined
}

export function createJsonBlocks(begin: () => TextEntry): JsonBlocks {
  let entry: TextEntry | undefined
  let pieces: string[] = []
  let citations: LanguageModelV4Citation[] = []
  let count = 0
  let characters = 0

  return {
    get characters() {
      return characters
    },
    join() {
      entry ??= begin()
      count++
      return entry
    },
    add(text) {
      pieces.push(text)
      characters += text.length
    },
    end(cited) {
      // Places count from the beginning of a block, and only the first one still begins where it did.
      const placed = count === 1 ? cited : cited.map(({ startIndex: _, endIndex: __, ...rest }) => rest)
      citations.push(...placed)
    },
    take() {
      if (!entry) return undefined
      const joined: JoinedText = { entry, text: pieces.join(''), citations }
      entry = undefined
      pieces = []
      citations = []
      count = 0
      characters = 0
      return joined
    },
  }
}
