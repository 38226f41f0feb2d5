import { describe, expect, it } from '@jest/globals'
import { kindOf, stalled, toQueueError } from './postgres-fault.ts'

const DATABASE = { where: 'here', busyTimeoutMs: 5 }
/** An error as `pg` throws it: its text quotes what was stored. */
const fault = (code: string) => Object.assign(new Error('Key (key)=(CANARY) already exists'), { code })

describe('toQueueError', () => {
  it.each([
    ['08006', 'PARAPET_QUEUE_DISCONNECTED', true],
    ['57P01', 'PARAPET_QUEUE_DISCONNECTED', true],
    ['ECONNREFUSED', 'PARAPET_QUEUE_DISCONNECTED', true],
    ['ENOTFOUND', 'PARAPET_QUEUE_DISCONNECTED', true],
    ['53300', 'PARAPET_QUEUE_DISCONNECTED', true],
    ['55P03', 'PARAPET_QUEUE_LOCKED', true],
    ['57014', 'PARAPET_QUEUE_LOCKED', true],
    ['40P01', 'PARAPET_QUEUE_LOCKED', true],
    ['53100', 'PARAPET_QUEUE_FULL', true],
    ['28P01', 'PARAPET_QUEUE_DENIED', false],
    ['3D000', 'PARAPET_QUEUE_UNREACHABLE', true],
    ['42501', 'PARAPET_QUEUE_DENIED', false],
    ['25006', 'PARAPET_QUEUE_DENIED', false],
    ['22P05', 'PARAPET_QUEUE_FAILED', true],
  ])('says what %s means, and nothing of what was stored', (code, expected, retryable) => {
    const error = toQueueError(fault(code), DATABASE)

    expect(error).toMatchObject({ code: expected, retryable })
    expect(error.message).not.toContain('CANARY')
  })

  it('knows a lost connection that has no code, and one that gave no answer', () => {
    for (const lost of [new Error('Connection terminated unexpectedly'), stalled(100)]) {
      expect(toQueueError(lost, DATABASE)).toMatchObject({ code: 'PARAPET_QUEUE_DISCONNECTED' })
      expect(kindOf(lost)).toBe('lost')
    }
  })

  it('leaves an error of ours as it is', () => {
    const ours = toQueueError(fault('42501'), DATABASE)

    expect(toQueueError(ours, DATABASE)).toBe(ours)
    expect(kindOf(ours)).toBe('barred')
  })
})

describe('kindOf', () => {
  it('tells what may be made again from what was refused', () => {
    expect(['40001', '40P01', 'PR001'].map((code) => kindOf(fault(code)))).toEqual([
      'again',
      'again',
      'again',
    ])
    expect(['22P05', '54000'].map((code) => kindOf(fault(code)))).toEqual(['refused', 'refused'])
    expect(['42501', '55P03', '57014'].map((code) => kindOf(fault(code)))).toEqual([
      'barred',
      'barred',
      'barred',
    ])
  })
})
