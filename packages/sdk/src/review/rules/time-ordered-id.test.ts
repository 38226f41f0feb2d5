import { describe, expect, it } from '@jest/globals'
import { timeOrderedId } from './time-ordered-id.ts'

describe('timeOrderedId', () => {
  it('is a UUID of version 7 whose first 48 bits are the time', () => {
    const id = timeOrderedId(1_700_000_000_000)

    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16)).toBe(1_700_000_000_000)
  })

  it('differs within a millisecond and sorts by time across them', () => {
    const ids = Array.from({ length: 1_000 }, () => timeOrderedId(5))

    expect(new Set(ids).size).toBe(1_000)
    expect(ids.every((id) => id < timeOrderedId(6))).toBe(true)
  })
})
