import { createHash } from 'node:crypto'

/** Requests of one kind, and the digest that records name them by. */
export interface PromptSet {
  readonly texts: readonly string[]
  /** SHA-256 of the file they were read from, or of the texts themselves, in lower-case hexadecimal. */
  readonly sha256: string
}

/** Requests as a set: the digest is that of their JSON lines. */
export function promptSet(texts: readonly string[]): PromptSet {
  const hash = createHash('sha256')
  for (const text of texts) hash.update(`${JSON.stringify({ text })}\n`, 'utf8')
  return { texts, sha256: hash.digest('hex') }
}
