/**
 * What a character costs the pattern detectors: `node --conditions=@parapet/source packages/detectors/bench/patterns.bench.ts`.
 * Prints nanoseconds a character on texts of 200,000 characters, the best of several rounds.
 */
import type { Detector } from '@parapet/sdk'
import { patterns, personalData, secrets } from '../src/index.ts'

const CHARACTERS = 200_000
const ROUNDS = 5

const TEXTS: Record<string, string> = {
  prose: 'The quick brown fox jumps over the lazy dog, and nobody calls the office.\n',
  code: 'const token = await store.get(session.id(userId)) // key, auth, https://host/path\n',
  'numbers and dates': '2026-11-25 12:30:45, 1,234.56, order 20261125-000123, 10.0.0.1, (3 + 4) / 2\n',
  'phone numbers': 'Call (212) 415-5788 or +44 20 7946 0958.\n',
}

const TERMS = Array.from({ length: 10_000 }, (_, index) => `term${index.toString(36)}x`)

const DETECTORS: Record<string, Detector> = {
  'secrets()': secrets(),
  'personalData()': personalData(),
  "personalData({ kinds: ['credit-card', 'iban'] })": personalData({ kinds: ['credit-card', 'iban'] }),
  'patterns: one regex': patterns({
    id: 'one',
    version: '1',
    patterns: [{ label: 'x', regex: /[A-Z]{2}\d{6}/, maxCharacters: 8 }],
  }),
  'patterns: 10,000 terms': patterns({ id: 'terms', version: '1', patterns: [{ label: 'x', terms: TERMS }] }),
}

const rows: Record<string, Record<string, number>> = {}
for (const [name, detector] of Object.entries(DETECTORS)) {
  const { measure } = await detector.load()
  rows[name] = {}
  for (const [kind, unit] of Object.entries(TEXTS)) {
    const text = unit.repeat(Math.ceil(CHARACTERS / unit.length))
    let best = Number.POSITIVE_INFINITY
    for (let round = 0; round < ROUNDS; round += 1) {
      const started = performance.now()
      await measure(
        { stage: 'output', text, conversation: [], language: undefined },
        { signal: AbortSignal.timeout(60_000) },
      )
      best = Math.min(best, performance.now() - started)
    }
    rows[name][kind] = Number(((best * 1e6) / text.length).toFixed(1))
  }
}
console.table(rows)
