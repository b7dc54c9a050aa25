import { expect, it } from 'vitest'
import { decidableId } from './decidable-id.ts'

it.each([
  ['ip', '203.0.113.9', '203.0.113.9'],
  ['ip', '2001:db8::1', '2001:db8::/64'],
  ['ip', '127.0.0.1', '127.0.0.1'],
  ['network', '203.0.113.9', '203.0.113.0/24'],
  ['network', '2001:db8:1::/48', '2001:db8:1::/48'],
  ['principal', '0.0.0.0', '0.0.0.0'],
] as const)('takes %s %s as %s', (kind, text, id) => {
  expect(decidableId(kind, text)).toEqual({ id })
})

it.each(['203.0.113.0/25', '203.0.0.0/16', '2001:db8::/32', '2001:db8::/64', 'nonsense'])(
  'names the sizes of networks when it refuses %s',
  (text) => {
    expect(decidableId('network', text)).toEqual({
      problem: expect.stringMatching(/^'.+' is no id of a network: .*\/24 of IPv4 or a \/48 of IPv6/),
    })
  },
)

it('says how to write an address', () => {
  expect(decidableId('ip', '203.0.113.0/24')).toEqual({
    problem: expect.stringContaining('write one address'),
  })
  expect(decidableId('principal', '')).toEqual({ problem: "'' is no id of a principal" })
})

it.each([
  ['ip', '0.0.0.0', 'the unspecified address'],
  ['ip', '0.1.2.3', 'the unspecified address'],
  ['ip', '::', 'the unspecified address'],
  ['ip', '::/64', 'the unspecified address'],
  ['network', '0.0.0.0/24', 'the unspecified address'],
  ['network', '::/48', 'the unspecified address'],
  ['ip', '255.255.255.255', 'the broadcast address'],
  ['ip', '224.0.0.1', 'a multicast address'],
  ['ip', 'ff02::1', 'a multicast address'],
  ['ip', '::ffff:0.0.0.0', 'the unspecified address'],
] as const)('refuses %s %s, which is %s', (kind, text, what) => {
  expect(decidableId(kind, text)).toEqual({
    problem: expect.stringContaining(`is ${what}, which no client has`),
  })
})
