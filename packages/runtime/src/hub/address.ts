import { isIP } from 'node:net'
import { fault } from '../errors/codes.ts'
import { hubFault } from './codes.ts'

/**
 * Checks the address of a hub: https, or http where it is this machine.
 * @throws `PARAPET_RUNTIME_OPTION_INVALID`
 */
export function checkEndpoint(address: string): URL {
  const expected =
    'an https address without user, query and fragment (http for 127.0.0.1, [::1] or localhost)'
  const invalid = (received: string) =>
    fault('PARAPET_RUNTIME_OPTION_INVALID', { option: 'endpoint', received, expected })
  const url = URL.parse(address)
  if (url === null) throw invalid('no address')
  // Never shown whole: a mirror's address may hold a key.
  if (url.username !== '' || url.password !== '') throw invalid('an address with a user')
  if (url.search !== '' || url.hash !== '') throw invalid('an address with a query or a fragment')
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url)))
    throw invalid(`an address of ${url.protocol.slice(0, 20)}//`)
  url.pathname = url.pathname.replace(/\/*$/, '/')
  return url
}

/**
 * Checks where a hub sends a request on to. Files lie with other hosts, over https and by name: a name's certificate
 * is checked, so an answer cannot make this process talk to a service inside its network. A hub on this machine may
 * send on to this machine.
 * @throws `PARAPET_HUB_REDIRECT_REFUSED`
 */
export function checkRedirect(location: string | null, from: URL, endpoint: URL): URL {
  const refused = (problem: string) => hubFault('PARAPET_HUB_REDIRECT_REFUSED', { host: from.host, problem })
  const to = location === null ? null : URL.parse(location, from.href)
  if (to === null) throw refused('it names no address')
  if (to.username !== '' || to.password !== '') throw refused('its address names a user')
  if (to.origin === endpoint.origin) return to
  if (isLoopback(to) && isLoopback(endpoint)) return to
  if (to.protocol !== 'https:') throw refused(`it is of ${to.protocol.slice(0, 20)}// and not of https`)
  const name = to.hostname.replace(/^\[|\]$/g, '')
  if (isIP(name) !== 0 || !name.includes('.') || /(^|\.)(localhost|local|internal)\.?$/.test(name))
    throw refused('it is an address inside a network, not a public name')
  return to
}

function isLoopback({ hostname }: URL): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname)
}
