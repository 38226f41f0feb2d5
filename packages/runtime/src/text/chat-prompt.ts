import type { ChatMessage } from './chat-message.ts'
import type { ChatTemplate } from './chat-template.ts'
import type { ControlToken, TextTokenizer } from './tokenizer.ts'

/** A conversation as a model reads it. */
export interface ChatPrompt {
  readonly ids: readonly number[]
  /** Index of the first token of the last user message's text; `undefined` where there is none. */
  readonly firstInstruction: number | undefined
  /** Index of the last token of the last user message's text; `undefined` where there is none. */
  readonly lastInstruction: number | undefined
}

/**
 * Renders a conversation and turns it into tokens, so that control tokens come from the template alone.
 *
 * Marks are put around each content and into every control token's text that a content holds. The rendering is then
 * cut at the control tokens that are still whole, which are the template's own; the marks are taken out, and what is
 * between is plain text. So the tokens are those of the usual way, but for contents that play at being control tokens.
 * @throws `PARAPET_MODEL_TEMPLATE_REFUSED`, `PARAPET_MODEL_TEMPLATE_TIMEOUT`
 */
export function buildChatPrompt(
  messages: readonly ChatMessage[],
  template: ChatTemplate,
  tokenizer: TextTokenizer,
  options: { addGenerationPrompt?: boolean } = {},
): ChatPrompt {
  const wellFormed = messages.map(({ role, content }) => ({ role, content: content.toWellFormed() }))
  const marks = chooseMarks(wellFormed)
  const lastUser = wellFormed.findLastIndex(({ role }) => role === 'user')
  const marked = wellFormed.map(({ role, content }, index) => ({
    role,
    content: markContent(content, marks, tokenizer.controlTokens, index === lastUser),
  }))
  const rendering = template.render(marked, options.addGenerationPrompt ?? true)
  const last = template.trims ? '' : (wellFormed[lastUser]?.content ?? '')
  return readRendering(rendering, marks, tokenizer, {
    leading: leadingSpace(last),
    trailing: trailingSpace(last),
  })
}

/** Texts that no content holds. `start` and `end` stand around the last user message's content. */
interface Marks {
  readonly inside: string
  readonly start: string
  readonly end: string
}

/** Noncharacters and a number: the smallest number that makes them new to every content. */
function chooseMarks(messages: readonly ChatMessage[]): Marks {
  for (let number = 0; ; number += 1) {
    const mark = (closing: string) => `\uFDD0${number}${closing}`
    const marks = { inside: mark('\uFDD1'), end: mark('\uFDD2'), start: mark('\uFDD3') }
    const taken = `\uFDD0${number}`
    if (!messages.some(({ content }) => content.includes(taken))) return marks
  }
}

/** The content with marks: at both ends of what is not white space, and behind each control token's first character. */
function markContent(
  content: string,
  marks: Marks,
  controlTokens: readonly ControlToken[],
  lastUser: boolean,
): string {
  const leading = content.length - content.trimStart().length
  const core = content.trim()
  let broken = core
  for (const { content: token } of controlTokens) {
    const [first = ''] = token
    // Occurrences can overlap: break until none is whole. A token has two characters or more.
    while (broken.includes(token)) {
      broken = broken.replaceAll(token, first + marks.inside + token.slice(first.length))
    }
  }
  const [start, end] = lastUser ? [marks.start, marks.end] : [marks.inside, marks.inside]
  return content.slice(0, leading) + start + broken + end + content.slice(leading + core.length)
}

function leadingSpace(content: string): string {
  return content.trim() === '' ? '' : content.slice(0, content.length - content.trimStart().length)
}

function trailingSpace(content: string): string {
  const core = content.trimEnd()
  return core === '' ? '' : content.slice(core.length)
}

/** Cuts a marked rendering into control tokens and plain texts, and counts tokens up to the mark of the instruction's end. */
function readRendering(
  rendering: string,
  marks: Marks,
  tokenizer: TextTokenizer,
  { leading, trailing }: { readonly leading: string; readonly trailing: string },
): ChatPrompt {
  const ids: number[] = []
  let firstInstruction: number | undefined
  let lastInstruction: number | undefined
  const startMark = rendering.lastIndexOf(marks.start)
  // White space that begins the content and comes out again is part of it.
  const instructionStart =
    startMark >= 0 && rendering.slice(0, startMark).endsWith(leading) ? startMark - leading.length : startMark
  const endMark = rendering.lastIndexOf(marks.end)
  const end = endMark < 0 ? -1 : endMark + marks.end.length
  // White space that ends the content and comes out again is part of it.
  const instructionEnd = end >= 0 && rendering.startsWith(trailing, end) ? end + trailing.length : end

  const parts = [...segments(rendering, tokenizer.controlTokens)]
  for (const [index, { text, start, token }] of parts.entries()) {
    if (token) {
      ids.push(token.id)
      continue
    }
    const trim = (piece: string) => (parts[index - 1]?.token?.rstrip ? piece.trimStart() : piece)
    const whole = trim(removeMarks(text, marks))
    const clean = parts[index + 1]?.token?.lstrip ? whole.trimEnd() : whole
    const segment = clean === '' ? [] : tokenizer.encode(clean, ids.length > 0)
    if (instructionStart >= start && instructionStart < start + text.length) {
      const before = trim(removeMarks(text.slice(0, instructionStart - start), marks))
      firstInstruction = ids.length + (before === '' ? 0 : tokensHolding(segment, before, tokenizer))
    }
    if (instructionEnd > start && instructionEnd <= start + text.length) {
      const instruction = trim(removeMarks(text.slice(0, instructionEnd - start), marks))
      const held =
        instruction.length >= clean.length ? segment.length : tokensHolding(segment, instruction, tokenizer)
      if (ids.length + held > 0) lastInstruction = ids.length + held - 1
    }
    ids.push(...segment)
  }
  return { ids, firstInstruction, lastInstruction }
}

/** How many leading tokens it takes to hold `prefix`. */
function tokensHolding(segment: readonly number[], prefix: string, tokenizer: TextTokenizer): number {
  let count = Math.min(tokenizer.encode(prefix).length, segment.length)
  const held = (length: number) => tokenizer.decode(segment.slice(0, length)).length
  while (count > 0 && held(count - 1) >= prefix.length) count -= 1
  while (count < segment.length && held(count) < prefix.length) count += 1
  return count
}

interface Segment {
  readonly text: string
  readonly start: number
  readonly token?: ControlToken
}

/** Cuts a text at control tokens: leftmost first, the longest of those that start there. */
function* segments(text: string, controlTokens: readonly ControlToken[]): Generator<Segment> {
  const byText = new Map(controlTokens.map((token) => [token.content, token]))
  if (byText.size === 0) {
    yield { text, start: 0 }
    return
  }
  // Alternatives are tried in order, and `controlTokens` has the longest first.
  const pattern = new RegExp(controlTokens.map(({ content }) => escapeRegExp(content)).join('|'), 'g')
  let start = 0
  for (const found of text.matchAll(pattern)) {
    if (found.index > start) yield { text: text.slice(start, found.index), start }
    const token = byText.get(found[0])
    if (token) yield { text: found[0], start: found.index, token }
    start = found.index + found[0].length
  }
  if (start < text.length) yield { text: text.slice(start), start }
}

function escapeRegExp(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
}

function removeMarks(text: string, marks: Marks): string {
  return text.replaceAll(marks.inside, '').replaceAll(marks.start, '').replaceAll(marks.end, '')
}
