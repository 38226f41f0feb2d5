const IGNORABLE = /[\p{Default_Ignorable_Code_Point}\p{M}]/u

/**
 * Whether a UTF-16 unit counts as a character when windows are measured. Zero-width, bidi and combining characters do
 * not, nor does the second half of a pair: else a text padded with them would slip through a window in pieces.
 */
export function isVisible(unit: number): boolean {
  if (unit < 0x300) return unit !== 0xad
  if (unit >= 0xdc00 && unit <= 0xdfff) return false
  // The high half of U+E0000…U+E03FF: tags and variation selectors.
  if (unit === 0xdb40) return false
  if (unit >= 0xd800 && unit <= 0xdbff) return true
  return !IGNORABLE.test(String.fromCharCode(unit))
}
