import { lookup as resolve } from 'node:dns'
import type { LookupFunction } from 'node:net'

/** Says that a name stands for an address that webhooks do not go to. */
export class ClosedAddressError extends Error {
  readonly code = 'CLOSED_ADDRESS'
}

/**
 * A `lookup` for connecting that gives a name's addresses only when all of them are allowed. The socket connects to what
 * was checked and nothing else: a name that is resolved twice, and differs, gets nowhere (DNS rebinding).
 */
export function checkedLookup(
  isAllowed: (address: string) => boolean,
  dns: typeof resolve = resolve,
): LookupFunction {
  return (hostname, options, done) => {
    dns(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return done(error, [])
      if (addresses.length === 0 || !addresses.every(({ address }) => isAllowed(address))) {
        return done(new ClosedAddressError('the name stands for a closed address'), [])
      }
      const [first] = addresses
      if (options.all === true) return done(null, addresses)
      return done(null, first?.address ?? '', first?.family)
    })
  }
}
