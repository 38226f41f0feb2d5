import type { lookup } from 'node:dns'
import { describe, expect, it } from '@jest/globals'
import { checkedLookup } from './checked-lookup.ts'
import { isPublicAddress } from './target-address.ts'

/** A name server that answers each question with the next of its answers. */
function dns(...answers: readonly (readonly string[])[]): typeof lookup {
  let next = 0
  const answer = (_name: string, _options: unknown, done: (error: null, addresses: unknown) => void) => {
    const addresses = answers[Math.min(next++, answers.length - 1)] ?? []
    done(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    )
  }
  return answer as unknown as typeof lookup
}

function look(name: string, server: typeof lookup, all: boolean) {
  return new Promise((resolve, reject) => {
    checkedLookup(isPublicAddress, server)(name, { all }, (error, address) =>
      error ? reject(error) : resolve(address),
    )
  })
}

describe('checkedLookup', () => {
  it('gives public addresses, one or all', async () => {
    expect(await look('a.example', dns(['8.8.8.8', '1.1.1.1']), false)).toBe('8.8.8.8')
    expect(await look('a.example', dns(['8.8.8.8']), true)).toEqual([{ address: '8.8.8.8', family: 4 }])
  })

  it('refuses a name of which one address is closed, wherever it stands', async () => {
    for (const addresses of [['10.0.0.1'], ['8.8.8.8', '127.0.0.1'], ['::ffff:10.0.0.1', '8.8.8.8'], []]) {
      await expect(look('a.example', dns(addresses), true)).rejects.toMatchObject({ code: 'CLOSED_ADDRESS' })
    }
  })

  it('judges what it hands to the socket, so that a name that answers otherwise later gets nowhere', async () => {
    const rebinding = dns(['8.8.8.8'], ['127.0.0.1'])

    expect(await look('a.example', rebinding, false)).toBe('8.8.8.8')
    await expect(look('a.example', rebinding, false)).rejects.toMatchObject({ code: 'CLOSED_ADDRESS' })
  })
})
