/** Everything that a terminal, or an eye, could take for something else: controls, bidi marks, zero-width characters. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Default_Ignorable_Code_Point}\u2028\u2029]/gu

/** A text that is safe to print in a terminal: what cannot be seen, or would steer it, stands as its code point. */
export function terminalText(text: string, { multiline = false } = {}): string {
  return text.replace(UNSAFE, (character) => {
    if (multiline && character === '\n') return character
    const code = character.codePointAt(0) ?? 0
    return `‹U+${code.toString(16).toUpperCase().padStart(4, '0')}›`
  })
}
