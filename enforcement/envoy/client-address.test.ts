import { expect, it } from 'vitest'
import { clientAddress } from './client-address.ts'

function requestFrom(peer: string, forwarded?: string) {
  const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded }
  return {
    attributes: {
      source: { address: { socket_address: { address: peer } } },
      request: { http: { headers } },
    },
  }
}

it.each([
  [0, '203.0.113.7', '10.0.0.1'],
  [1, '203.0.113.7', '203.0.113.7'],
  [2, '6.6.6.6, 203.0.113.7, 10.0.0.1', '203.0.113.7'],
  [2, '203.0.113.7,10.0.0.1', '203.0.113.7'],
  [3, '203.0.113.7,10.0.0.1', '10.0.0.1'],
  [3, ',', '10.0.0.1'],
  [2, ',', ''],
  [1, '', ''],
  [1, undefined, '10.0.0.1'],
] as const)('with %i trusted hops, %s is %s', (trustedHops, forwarded, expected) => {
  expect(clientAddress(requestFrom('10.0.0.1', forwarded), trustedHops)).toBe(expected)
})

it('knows no address without a peer', () => {
  expect(clientAddress({}, 0)).toBeUndefined()
  expect(clientAddress({}, 2)).toBeUndefined()
})
