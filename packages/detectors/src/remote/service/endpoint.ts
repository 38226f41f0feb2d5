import { fault } from '../../errors/codes.ts'

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]']

/**
 * Checks the address of a service. It is fixed when the detector is made: nothing of a text gets into it, and
 * redirects are refused. A key is sent over `https:` alone, or to this machine.
 * @param withKey whether a key goes there
 * @returns the address without a slash at its end
 * @throws `PARAPET_DETECTOR_OPTION_INVALID`
 */
export function checkEndpoint(detector: string, option: string, value: unknown, withKey: boolean): string {
  const invalid = (received: string, expected: string) =>
    fault('PARAPET_DETECTOR_OPTION_INVALID', { detector, option, received, expected })
  const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : undefined
  if (!url || !['http:', 'https:'].includes(url.protocol)) {
    throw invalid('another value', 'an address that begins with https:// or http://')
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    const expected = 'an address alone; a key is given by "key" or "keyEnv"'
    throw invalid('an address with a name, a password, a query or a fragment', expected)
  }
  if (withKey && url.protocol === 'http:' && !LOOPBACK.includes(url.hostname)) {
    throw invalid('an http: address with a key', 'https:, so that the key is not readable on its way')
  }
  return url.href.replace(/\/+$/, '')
}
