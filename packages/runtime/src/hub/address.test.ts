import { describe, expect, test } from '@jest/globals'
import { checkEndpoint, checkRedirect } from './address.ts'

describe('checkEndpoint', () => {
  test.each([
    ['https://huggingface.co', 'https://huggingface.co/'],
    ['https://mirror.example/hub//', 'https://mirror.example/hub/'],
    ['http://127.0.0.1:8080', 'http://127.0.0.1:8080/'],
    ['http://[::1]:8080', 'http://[::1]:8080/'],
  ])('%s', (address, expected) => expect(checkEndpoint(address).href).toBe(expected))

  test.each([
    'http://hub.example',
    'ftp://hub.example',
    'https://user:word@hub.example',
    'https://hub.example?key=1',
    'hub.example',
    '',
  ])('%j is refused, and not shown', (address) => {
    const refused = expect.objectContaining({ code: 'PARAPET_RUNTIME_OPTION_INVALID' })
    expect(() => checkEndpoint(address)).toThrow(refused)
    expect(() => checkEndpoint(address)).not.toThrow('word')
  })
})

test('a mirror inside a network sends on within its own origin, and to public names', () => {
  const mirror = checkEndpoint('https://10.0.0.7/hub')

  expect(checkRedirect('/hub/other', mirror, mirror).href).toBe('https://10.0.0.7/hub/other')
  expect(checkRedirect('https://cdn.example/x', mirror, mirror).host).toBe('cdn.example')
  expect(() => checkRedirect('https://10.0.0.8/x', mirror, mirror)).toThrow('inside a network')
})
