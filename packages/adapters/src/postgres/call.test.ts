import { describe, expect, it } from '@jest/globals'
import { type Call, groupLength, idOf } from './call.ts'

const call = (name: Call['name'], input: unknown = {}): Call => ({ name, at: 0, askedAt: 0, input })
const calls = (...names: Call['name'][]) => names.map((name) => call(name))

describe('groupLength', () => {
  it('takes reads together, up to the first call that writes', () => {
    expect(groupLength(calls('get', 'list', 'count', 'claim', 'get'), 256)).toBe(3)
  })

  it('takes what writes together, up to a read of many rows', () => {
    expect(groupLength(calls('enqueue', 'get', 'claim', 'list', 'claim'), 256)).toBe(3)
  })

  it('takes no more than a batch', () => {
    expect(groupLength(calls('get', 'get', 'get'), 2)).toBe(2)
    expect(groupLength(calls('claim', 'claim', 'claim'), 2)).toBe(2)
  })
})

describe('idOf', () => {
  it('finds the item that a call names, whatever it calls it', () => {
    expect(idOf(call('get', { id: 'a' }))).toBe('a')
    expect(idOf(call('useGrant', { ticket: 'a' }))).toBe('a')
    expect(idOf(call('decide', { id: 'a' }))).toBe('a')
    expect(idOf(call('sweep', null))).toBeUndefined()
    expect(idOf(call('claim', { reviewer: 'ada' }))).toBeUndefined()
  })
})
