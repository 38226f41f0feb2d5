import { BlockList, isIPv6 } from 'node:net'
import { formFinder } from './form-finder.ts'

/** Addresses that no device in the open network has: private, local, reserved, for documentation, multicast. */
const SPECIAL = new BlockList()
for (const range of [
  ...[
    '0.0.0.0/8',
    '10.0.0.0/8',
    '100.64.0.0/10',
    '127.0.0.0/8',
    '169.254.0.0/16',
    '172.16.0.0/12',
    '192.0.0.0/24',
  ],
  ...['192.0.2.0/24', '192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/3'],
]) {
  const [network = '', prefix] = range.split('/')
  SPECIAL.addSubnet(network, Number(prefix), 'ipv4')
}
SPECIAL.addSubnet('2001:db8::', 32, 'ipv6')

const OCTET = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)'

/** Public IPv4 addresses. Four numbers behind "version" or `v` are a version. */
export const IPV4_FINDER = formFinder({
  kind: 'ip-address',
  form: new RegExp(`(?<![\\w.-])${OCTET}(?:\\.${OCTET}){3}(?![\\w-]|\\.\\d)`),
  maxCharacters: 15,
  isValid: (candidate, before) =>
    !/v(?:ersions?)?[\s:=]*$/i.test(before) && !SPECIAL.check(candidate, 'ipv4'),
})

/** IPv6 addresses of the open network (2000::/3). */
export const IPV6_FINDER = formFinder({
  kind: 'ip-address',
  form: /(?<![\w:.])[23][0-9A-Fa-f]{3}(?::[0-9A-Fa-f]{0,4}){2,7}(?![\w:])/,
  maxCharacters: 39,
  isValid: (candidate) => isIPv6(candidate) && !SPECIAL.check(candidate, 'ipv6'),
})
