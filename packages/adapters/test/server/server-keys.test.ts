import { describe, expect, it } from '@jest/globals'
import { parseServerKeys } from '@parapet/adapters/server'

const KEY = 'a'.repeat(24)

describe('parseServerKeys', () => {
  it('reads a tenant and a key from each line', () => {
    const text = `# keys\r\n\n  acme   ${KEY}\nacme ${KEY}2\r\nother-team ${KEY}3`

    expect(parseServerKeys(text)).toEqual([
      { tenant: 'acme', key: KEY },
      { tenant: 'acme', key: `${KEY}2` },
      { tenant: 'other-team', key: `${KEY}3` },
    ])
  })

  it.each([
    ['a key alone', KEY, 1],
    ['three words', `acme ${KEY} canary`, 1],
    ['a key that is too short', '# first\nacme canary', 2],
    ['a key that no header carries', `acme ${KEY}ü`, 1],
    ['a tenant that is no id', `a,b ${KEY}`, 1],
    ['a key that stands twice', `acme ${KEY}\nother ${KEY}`, 2],
  ])('refuses %s, by its line and nothing that stands on it', (_, text, line) => {
    const read = () => parseServerKeys(text)

    expect(read).toThrow(expect.objectContaining({ code: 'PARAPET_SERVER_KEYS_INVALID' }))
    expect(read).toThrow(new RegExp(`^Line ${line} `))
    expect(read).not.toThrow(/canary|aaaa/)
  })
})
