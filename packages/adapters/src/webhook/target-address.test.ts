import { describe, expect, it } from '@jest/globals'
import { isLoopbackAddress, isPublicAddress } from './target-address.ts'

describe('isPublicAddress', () => {
  it.each([
    ['127.0.0.1', 'loopback'],
    ['0.0.0.0', 'this machine'],
    ['10.1.2.3', 'private'],
    ['172.31.255.255', 'private'],
    ['192.168.0.1', 'private'],
    ['100.64.0.1', 'carrier-grade NAT'],
    ['169.254.169.254', 'link-local, cloud metadata'],
    ['198.18.0.1', 'benchmarks'],
    ['224.0.0.1', 'multicast'],
    ['255.255.255.255', 'broadcast'],
    ['::1', 'loopback'],
    ['::', 'unspecified'],
    ['::ffff:127.0.0.1', 'mapped IPv4'],
    ['::ffff:8.8.8.8', 'mapped IPv4, even a public one'],
    ['64:ff9b::7f00:1', 'translated IPv4'],
    ['fe80::1', 'link-local'],
    ['fe80::1%eth0', 'link-local with a zone'],
    ['fd00:ec2::254', 'unique local, cloud metadata'],
    ['2002:7f00:1::', '6to4'],
    ['2001::1', 'Teredo'],
    ['2001:db8::1', 'documentation'],
    ['ff02::1', 'multicast'],
    ['not an address', 'no address'],
  ])('refuses %s (%s)', (address) => {
    expect(isPublicAddress(address)).toBe(false)
  })

  it.each(['8.8.8.8', '1.1.1.1', '172.32.0.1', '100.128.0.1', '2606:4700::1111', '2a00:1450:4001::1'])(
    'lets %s pass',
    (address) => {
      expect(isPublicAddress(address)).toBe(true)
    },
  )
})

describe('isLoopbackAddress', () => {
  it('knows this machine, and no mapped form of it', () => {
    expect(['127.0.0.1', '127.9.9.9', '::1'].every(isLoopbackAddress)).toBe(true)
    expect(['::ffff:127.0.0.1', '10.0.0.1', '8.8.8.8', 'localhost'].some(isLoopbackAddress)).toBe(false)
  })
})
