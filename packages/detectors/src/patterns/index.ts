export type { FunctionPattern, Pattern, RegexPattern, TermsPattern } from './pattern.ts'
export { type PatternsOptions, patterns } from './patterns.ts'
