import { BlockList, isIPv4, isIPv6 } from 'node:net'

/** IPv4 networks that no webhook goes to: https://www.iana.org/assignments/iana-ipv4-special-registry */
const CLOSED_IPV4 = blockList('ipv4', [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.31.196.0', 24],
  ['192.52.193.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['192.175.48.0', 24],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
])
/** What is public in IPv6; all else (loopback, link-local, unique local, mapped and translated IPv4) is not. */
const OPEN_IPV6 = blockList('ipv6', [['2000::', 3]])
/** But these are not: Teredo and other protocols', documentation, 6to4, which carries an IPv4 address. */
const CLOSED_IPV6 = blockList('ipv6', [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['2620:4f:8000::', 48],
  ['3fff::', 20],
])
const LOOPBACK_IPV4 = blockList('ipv4', [['127.0.0.0', 8]])

/** Whether an address is on the public internet: not this machine's, not a private network's, not a cloud's metadata. */
export function isPublicAddress(address: string): boolean {
  if (isIPv4(address)) return !CLOSED_IPV4.check(address, 'ipv4')
  // A zone makes an address local to an interface.
  if (!isIPv6(address) || address.includes('%')) return false
  return OPEN_IPV6.check(address, 'ipv6') && !CLOSED_IPV6.check(address, 'ipv6')
}

/** Whether an address is this machine's own. */
export function isLoopbackAddress(address: string): boolean {
  return isIPv4(address) ? LOOPBACK_IPV4.check(address, 'ipv4') : address === '::1'
}

function blockList(family: 'ipv4' | 'ipv6', networks: readonly (readonly [string, number])[]): BlockList {
  const list = new BlockList()
  for (const [network, bits] of networks) list.addSubnet(network, bits, family)
  return list
}
