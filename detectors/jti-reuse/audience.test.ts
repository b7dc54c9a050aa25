import { expect, it } from 'vitest'
import { standingOf } from './audience.ts'
import { config } from './config.ts'

const auto = config.parse({})

it.each([
  ['orders', ['orders'], 'hit'],
  ['orders-service', ['orders'], 'hit'],
  ['svc-orders', ['https://orders.example.com/'], 'hit'],
  ['orders', ['https://api.example.com/v1/orders'], 'hit'],
  ['orders.prod.svc.cluster.local', ['urn:example:orders'], 'hit'],
  ['payroll', ['orders'], 'alien'],
  ['payroll-api', ['orders-api'], 'alien'],
  ['payroll', ['orders-api'], 'miss'],
  ['payroll', ['https://orders.example.com'], 'miss'],
  ['payroll', ['https://api.example.com'], 'general'],
  ['payroll', ['account'], 'general'],
  ['payroll', ['shop-web'], 'general'],
  ['payroll', ['3f2a9c1b7d'], 'miss'],
  ['edge', ['orders'], undefined],
  ['payroll', [], undefined],
  ['', ['orders'], undefined],
])('%s stands to %j as %s', (service, audience, standing) => {
  expect(standingOf(service, audience, auto)).toBe(standing)
})

it('guesses nothing where config names the audiences, or in strict mode', () => {
  const mapped = config.parse({ audiences: { payroll: ['https://pay.example'] }, audience_mode: 'off' })
  expect(standingOf('payroll', ['https://pay.example'], mapped)).toBe('hit')
  expect(standingOf('payroll', ['https://api.example.com'], mapped)).toBe('sure')
  expect(standingOf('orders', ['https://api.example.com'], mapped)).toBeUndefined()
  expect(standingOf('payroll', ['account'], config.parse({ audience_mode: 'strict' }))).toBe('sure')
})

it('is not confused by names of object properties', () => {
  expect(standingOf('constructor', ['orders'], auto)).toBe('alien')
})
