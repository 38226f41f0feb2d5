const IGNORABLE = /[\p{Default_Ignorable_Code_Point}\p{M}]/u

/**
 * First halves of the pairs of which some are removed from a text before it is measured: tags and variation selectors,
 * shorthand and musical format controls. All of them are left out of the count, which can only make windows longer.
 */
const HIDDEN_HALVES: ReadonlySet<number> = new Set([0xd82f, 0xd834, 0xdb40, 0xdb41, 0xdb42, 0xdb43])

const isControl = (unit: number): boolean =>
  unit < 0x20 ? unit < 9 || unit > 13 : unit >= 0x7f && unit <= 0x9f && unit !== 0x85

/** Vowels and finals that join the Hangul syllable before them. */
const joinsSyllable = (unit: number): boolean =>
  (unit >= 0x1160 && unit <= 0x11ff) || (unit >= 0xd7b0 && unit <= 0xd7ff)

/**
 * Whether a UTF-16 unit counts as a character when windows are measured. What normalisation removes or joins to its
 * neighbour does not: else a text padded with it would slip through a window in pieces. Never counts more than a
 * detector reads.
 */
export function isVisible(unit: number): boolean {
  if (unit < 0x300) return unit !== 0xad && !isControl(unit)
  if (unit >= 0xdc00 && unit <= 0xdfff) return false
  if (unit >= 0xd800 && unit <= 0xdbff) return !HIDDEN_HALVES.has(unit)
  if (joinsSyllable(unit) || (unit >= 0xfff9 && unit <= 0xfffb)) return false
  return !IGNORABLE.test(String.fromCharCode(unit))
}

/** Whether a unit may begin a percent escape or an HTML entity, which detectors read decoded. */
export const beginsEscape = (unit: number): boolean => unit === 0x25 || unit === 0x26

/** Whether a unit may belong to a run of them: `A-Z a-z 0-9 # ; % &`. */
export const continuesEscape = (unit: number): boolean =>
  (unit >= 0x30 && unit <= 0x39) ||
  (unit >= 0x41 && unit <= 0x5a) ||
  (unit >= 0x61 && unit <= 0x7a) ||
  unit === 0x23 ||
  unit === 0x3b ||
  beginsEscape(unit)
