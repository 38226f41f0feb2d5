import type { Decision } from '../decision/decision.ts'
import { sha256Hex } from '../json/digest.ts'

/** How many bits of the coin count: all that a number holds exactly, and no more than its 12 hex digits. */
const COIN_BITS = 48

/** With which probability a decision's content goes before a person later: the highest of its audits'; 0 without any. */
export function auditProbability({ duties }: Pick<Decision, 'duties'>): number {
  const audits = duties.filter(({ kind }) => kind === 'audit')
  return Math.max(0, ...audits.map(({ sampleRate = 1 }) => sampleRate))
}

/**
 * Whether the coin of a decision falls for an audit of that probability. The coin is in [0, 1), and made of the keyed digest
 * of what was judged: it can be found again from the record, and nobody without the key can foresee it. The same content
 * under the same key has the same coin.
 */
export function isSampled({ contentDigest }: Pick<Decision, 'contentDigest'>, probability: number): boolean {
  const coin = Number.parseInt(sha256Hex(`parapet.audit/1\0${contentDigest}`).slice(0, COIN_BITS / 4), 16)
  return coin / 2 ** COIN_BITS < probability
}
