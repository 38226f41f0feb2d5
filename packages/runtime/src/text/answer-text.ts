import type { TextTokenizer } from './tokenizer.ts'

/** Turns the tokens of an answer into text as they come: whole characters only, and nothing of a stop text. */
export interface AnswerText {
  /** Takes a token; gives the text that it completed, perhaps none. */
  push(tokenId: number): string
  /** Gives what was held back at the end of the answer. Bytes of an unfinished character are dropped. */
  finish(): string
  /** Whether a stop text was reached: nothing more is given. */
  readonly stopped: boolean
}

const REPLACEMENT = '\uFFFD'
/** Tokens that a character can be spread over, with room: after so many, U+FFFD is what the model wrote. */
const LONGEST_CHARACTER_TOKENS = 8

export function answerText(tokenizer: TextTokenizer, stops: readonly string[]): AnswerText {
  // Decoded again from `context` on, so that a decoder which looks at its first token sees the same one.
  let ids: number[] = []
  let context = 0
  let shown = 0
  let held = ''
  let stopped = false

  const decodeNew = (last: boolean): string => {
    const before = tokenizer.decode(ids.slice(context, shown))
    const whole = tokenizer.decode(ids.slice(context))
    const unfinished = whole.endsWith(REPLACEMENT) && ids.length - shown < LONGEST_CHARACTER_TOKENS
    if (unfinished && !last) return ''
    const text = whole.slice(before.length)
    context = shown
    shown = ids.length
    // Only the tail of the tokens is looked at again: memory stays flat over a long answer.
    ids = ids.slice(context)
    shown -= context
    context = 0
    return unfinished ? text.replace(/\uFFFD+$/, '') : text
  }

  const release = (text: string, last: boolean): string => {
    held += text
    const stop = firstStop(held, stops)
    if (stop >= 0) {
      stopped = true
      const released = held.slice(0, stop)
      held = ''
      return released
    }
    const keep = last ? 0 : possibleStop(held, stops)
    const released = held.slice(0, held.length - keep)
    held = held.slice(held.length - keep)
    return released
  }

  return {
    push(tokenId) {
      if (stopped) return ''
      ids.push(tokenId)
      return release(decodeNew(false), false)
    },
    finish() {
      return stopped ? '' : release(decodeNew(true), true)
    },
    get stopped() {
      return stopped
    },
  }
}

/** Where the earliest stop text starts, or −1. */
function firstStop(text: string, stops: readonly string[]): number {
  const found = stops.map((stop) => text.indexOf(stop)).filter((index) => index >= 0)
  return found.length === 0 ? -1 : Math.min(...found)
}

/** Length of the longest end of the text that may be the start of a stop text. */
function possibleStop(text: string, stops: readonly string[]): number {
  const longest = Math.min(text.length, Math.max(0, ...stops.map((stop) => stop.length - 1)))
  for (let length = longest; length > 0; length -= 1) {
    const end = text.slice(text.length - length)
    if (stops.some((stop) => stop.length > length && stop.startsWith(end))) return length
  }
  return 0
}
