/** What a text says to bring something about: the kit's check obeys them, whatever the guard around it. */
export const WORDS = {
  /** The check flags it. */
  block: 'BLOCK-ME-7QX',
  /** The check crashes on it. */
  fail: 'CRASH-ME-7QX',
  /** The check never answers on it. */
  hang: 'STALL-ME-7QX',
} as const

/** What the check says with a verdict, and no end user may read. */
export const REASONS = {
  rule: 'kit-rule-5f1c',
  score: 0.87315,
  reason: 'kit-reason-9b2e',
} as const

/** A text of `length` different letters, so that one alone says where it came from. At most 20,000. */
export function distinctText(length: number, from = 0): string {
  return Array.from({ length }, (_, index) => String.fromCharCode(0x4e00 + from + index)).join('')
}
