import { describe, expect, it } from '@jest/globals'
import { requireClock } from './require-clock.ts'

const OPTIONS = { maxClockSkewMs: 1_000, where: 'here' }

describe('requireClock', () => {
  it.each([5_000, -5_000])('refuses a call whose clock is off by %d ms', (off) => {
    const call = { at: 100_000 + off, askedAt: performance.now() }

    expect(() => requireClock([call], 100_000, OPTIONS)).toThrow(
      expect.objectContaining({
        code: 'PARAPET_QUEUE_CLOCK',
        message: expect.stringContaining(`${off / 1_000} s`),
      }),
    )
  })

  it('lets be what is off by less, and what only waited long', () => {
    const calls = [
      { at: 100_500, askedAt: performance.now() },
      { at: 40_000, askedAt: performance.now() - 60_000 },
    ]

    expect(() => requireClock(calls, 100_000, OPTIONS)).not.toThrow()
  })

  it('refuses where the server says no time', () => {
    expect(() => requireClock([{ at: 1, askedAt: performance.now() }], undefined, OPTIONS)).toThrow()
  })
})
