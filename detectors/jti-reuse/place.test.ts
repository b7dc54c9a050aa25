import { expect, it } from 'vitest'
import {
  agentFamily,
  countryNumber,
  countryText,
  networkOf,
  placeKey,
  placeOf,
  tlsTrait,
  wideNetworkOf,
} from './place.ts'

it('survives its key, whatever a client sends', () => {
  const agent = agentFamily('evil\u0000\u001b[31m/1.2.3')
  const place = { address: '192.0.2.1', agent, tls: tlsTrait('x\u0000y') }
  expect(placeOf(placeKey(place))).toEqual(place)
  expect(agent).toBe('evil??[*m/*')
})

it('knows a client after an update, a resumed session and over QUIC', () => {
  expect(agentFamily('A/126.0 (B 10_15)')).toBe(agentFamily('A/127.1 (B 10_16)'))
  const [fresh, resumed] = ['t13d1516h2_8daaf6152771_02713d6af862', 't13d1517h2_8daaf6152771_b0da82dd1658']
  expect(tlsTrait(fresh)).toBe(tlsTrait(resumed))
  expect(tlsTrait('q13d0312h3_55b375c5d22e_06cda9e17597')).toBe('')
  expect(tlsTrait('-')).toBe('')
  expect(tlsTrait('t13d301200_1d37bd780c83')).not.toBe(tlsTrait(fresh))
})

it('writes networks and countries', () => {
  expect([networkOf('192.0.2.7'), networkOf('2001:db8:1:2::/64')]).toEqual([
    '192.0.2.0/24',
    '2001:db8:1::/48',
  ])
  expect([wideNetworkOf('192.0.2.7'), wideNetworkOf('2001:db8:1:2::/64')]).toEqual(['192.0', '2001:db8'])
  expect(['DE', 'az', 'ZA', 'ZZ', 'D1', ''].map((text) => countryText(countryNumber(text)))).toEqual([
    'DE',
    'AZ',
    'ZA',
    'ZZ',
    '',
    '',
  ])
})
