import { describe, expect, it } from '@jest/globals'
import { mayHide } from '../answer/may-hide.ts'
import { isJson, jsonText, settledJson } from './json-text.ts'

describe('JSON as a text', () => {
  it.each(['{"a":1}', '[1]', '"a"', ' {"a":1} '])('is found in %s', (text) => {
    expect(isJson(text)).toBe(true)
  })

  it.each(['', '7', 'true', 'hello', '{"a"', 'say "a"'])('is not found in %j', (text) => {
    expect(isJson(text)).toBe(false)
  })

  it('may hide where something can be decoded', () => {
    expect(['prose', '{', '\\u0041', '"'].map(mayHide)).toEqual([false, true, true, true])
  })

  it('is settled as a parser would give it back, and left where it is none', () => {
    expect(settledJson('{ "a" : "\\u0041", "a": 1.0 }')).toBe('{"a":1}')
    expect(settledJson('{"a')).toBe('{"a')
    expect(settledJson('['.repeat(100_000))).toBe('['.repeat(100_000))
  })

  it('is null for what has none', () => {
    expect(jsonText(undefined)).toBe('null')
  })
})
