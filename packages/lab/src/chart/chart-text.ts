/** What cannot be seen or would turn the reading round: controls, formats, lone surrogates. XML allows most of them nowhere. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\u2028\u2029]/gu

/**
 * A text of a stranger (the name of a model, of a file) as a label: without what cannot be seen or is not allowed in XML, and
 * cut. The renderer escapes the rest.
 */
export function chartText(text: string, mostCharacters = 80): string {
  const visible = text.toWellFormed().replace(UNSAFE, '\uFFFD')
  const characters = Array.from(visible)
  return characters.length <= mostCharacters
    ? visible
    : `${characters.slice(0, mostCharacters - 1).join('')}…`
}
