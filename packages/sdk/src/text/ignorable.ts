import { CodePointClass, classOf } from './code-point-class.ts'

/**
 * Whether a code point shows nothing, so that `normalizeText` takes it out: zero-width characters, bidi controls,
 * variation selectors, tags, and control characters other than whitespace.
 * @param codePoint a code point, or one UTF-16 unit (the halves of an invisible character outside the BMP
 * cannot all be told from those of visible ones: then the answer is false)
 */
export function isIgnorable(codePoint: number): boolean {
  if (codePoint >= 0x20 && codePoint < 0x7f) return false
  return (classOf(codePoint) & CodePointClass.ignorable) !== 0
}
