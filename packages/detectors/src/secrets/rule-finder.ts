import type { Finder } from '../patterns/finder.ts'
import type { SecretRule } from './secret-rule.ts'

/** Looks for the literals of all rules in one pass, and asks the rules of each literal that stands in the text. */
export function ruleFinder(rules: readonly SecretRule[]): Finder {
  const rulesOf = new Map<string, SecretRule[]>()
  for (const rule of rules) {
    for (const literal of rule.literals) rulesOf.set(literal, [...(rulesOf.get(literal) ?? []), rule])
  }
  // Of two literals that begin alike, the longer one is tried first; its rules include those of the shorter.
  const literals = [...rulesOf.keys()].sort((a, b) => b.length - a.length)
  for (const literal of literals) {
    const shorter = literals.filter((other) => other !== literal && literal.startsWith(other))
    rulesOf.set(literal, [
      ...(rulesOf.get(literal) ?? []),
      ...shorter.flatMap((other) => rulesOf.get(other) ?? []),
    ])
  }
  const anyLiteral = new RegExp(
    literals.map((literal) => literal.replaceAll(/[.$+/-]/g, '\\$&')).join('|'),
    'g',
  )
  return {
    labels: rules.map((rule) => rule.kind),
    maxCharacters: Math.max(...rules.map((rule) => rule.maxCharacters)),
    source: rules
      .map((rule) => `${rule.kind} ${rule.literals} ${rule.maxCharacters} ${rule.source}`)
      .join('\n'),
    *find(text) {
      anyLiteral.lastIndex = 0
      for (let at = anyLiteral.exec(text)?.index; at !== undefined; at = anyLiteral.exec(text)?.index) {
        const next = at + 1
        const literal = text.slice(at, anyLiteral.lastIndex)
        for (const rule of new Set(rulesOf.get(literal))) {
          const range = rule.match(text, at)
          if (range) yield { label: rule.kind, ...range }
        }
        yield undefined
        // Another measurement may have used the expression meanwhile.
        anyLiteral.lastIndex = next
      }
    },
  }
}
