import { describe, expect, it } from '@jest/globals'
import { auditProbability, isSampled } from './audit-sample.ts'

const digests = Array.from({ length: 20_000 }, (_, index) => ({ contentDigest: `hmac-sha256:${index}` }))

describe('auditProbability', () => {
  it('is the highest of the audits that rules asked for', () => {
    const of = (...duties: Parameters<typeof auditProbability>[0]['duties']) => auditProbability({ duties })

    expect(of()).toBe(0)
    expect(of({ kind: 'flag', rule: 'a' })).toBe(0)
    expect(of({ kind: 'audit', rule: 'a', sampleRate: 0.01 })).toBe(0.01)
    expect(of({ kind: 'audit', rule: 'a', sampleRate: 0.01 }, { kind: 'audit', rule: 'b' })).toBe(1)
  })
})

describe('isSampled', () => {
  it.each([0.01, 0.1, 0.5])('draws the share %d', (probability) => {
    const drawn = digests.filter((decision) => isSampled(decision, probability)).length

    const deviation = Math.sqrt(digests.length * probability * (1 - probability))
    expect(Math.abs(drawn - digests.length * probability)).toBeLessThan(4 * deviation)
  })

  it('draws all at 1, none at 0, the same each time, and at a higher probability whatever it drew at a lower', () => {
    expect(digests.every((decision) => isSampled(decision, 1))).toBe(true)
    expect(digests.some((decision) => isSampled(decision, 0))).toBe(false)
    const few = digests.filter((decision) => isSampled(decision, 0.1))
    expect(digests.filter((decision) => isSampled(decision, 0.1))).toEqual(few)
    expect(few.every((decision) => isSampled(decision, 0.2))).toBe(true)
  })
})
