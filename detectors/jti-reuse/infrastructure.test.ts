import fc from 'fast-check'
import ipaddr from 'ipaddr.js'
import { expect, it } from 'vitest'
import { addressId } from '../../core/entity/canonical-address.ts'
import { config } from './config.ts'
import { isInfrastructure } from './infrastructure.ts'

const plain = config.parse({})
const inner = ['private', 'loopback', 'linkLocal', 'uniqueLocal', 'carrierGradeNat', 'unspecified']

it('takes for inner what ipaddr.js says is no address on the internet', () => {
  const near = fc.constantFrom('fbff', 'fc00', 'fdff', 'fe00', 'fe7f', 'fe80', 'febf', 'fec0', '2001', '0')
  const ipv6 = fc
    .tuple(near, fc.constantFrom('::', '::1', '::2', ':db8::7', ':1:2:3::'))
    .map((parts) => parts.join(''))
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), ipv6, fc.ipV6()), (text) => {
      const address = addressId(text)
      if (address === undefined) return
      const range = ipaddr.parse(address.replace(/\/64$/, '')).range()
      expect(isInfrastructure(address, '', plain), `${text} as ${address}, ${range}`).toBe(
        inner.includes(range),
      )
    }),
  )
})

it('takes trusted networks and user agents for its own', () => {
  const own = config.parse({
    trusted_networks: ['198.51.100.0/24', '2001:db8::/32'],
    trusted_user_agents: ['Monitor/'],
  })
  expect(isInfrastructure('198.51.100.7', '', own)).toBe(true)
  expect(isInfrastructure('198.51.101.7', '', own)).toBe(false)
  expect(isInfrastructure('2001:db8:1:2::/64', '', own)).toBe(true)
  expect(isInfrastructure('2001:db9::/64', '', own)).toBe(false)
  expect(isInfrastructure('203.0.113.7', 'Monitor/2.0', own)).toBe(true)
  expect(isInfrastructure('', 'curl/8', own)).toBe(false)
})
