import { describe, expect, it } from 'vitest'
import type { Decision } from './decision.ts'
import { DecisionTable } from './decision-table.ts'
import { subjectOf } from './subject.ts'

const deny: Decision = {
  id: 'd-1',
  scope: 'ip',
  value: '203.0.113.7',
  type: 'deny',
  from: 1000,
  until: 2000,
  reason: 'test',
  by: 'person:ada',
}
const throttle: Decision = {
  ...deny,
  id: 't-1',
  type: 'throttle',
  rate: { count: 2, perMs: 10_000 },
  until: 90_000,
}
const cutOff: Decision = { ...deny, id: 'r-1', scope: 'principal', value: 'mallory', type: 'revoke' }
const attacker = subjectOf({ ip: '203.0.113.7' })

function tableWith(...decisions: Decision[]): DecisionTable {
  const table = new DecisionTable()
  table.replaceAll(decisions)
  return table
}

describe('DecisionTable', () => {
  it('refuses the attacker from the beginning to the end, and nobody else', () => {
    const table = tableWith(deny)
    expect(table.lookup(attacker, 999).type).toBe('allow')
    expect(table.lookup(attacker, 1000)).toEqual({ type: 'deny', decision: deny })
    expect(table.lookup(attacker, 1999).type).toBe('deny')
    expect(table.lookup(attacker, 2000).type).toBe('allow')
    expect(table.lookup(subjectOf({ ip: '203.0.113.8' }), 1000).type).toBe('allow')
    expect(table.lookup({}, 1000).type).toBe('allow')
  })

  it.each([
    ['203.0.113.0/24', '203.0.113.200', '203.0.114.1'],
    ['2001:db8:1::/48', '2001:db8:1:2::5', '2001:db8:2::5'],
  ])('matches network %s by the address, derived or not', (value, inside, outside) => {
    const table = tableWith({ ...deny, scope: 'network', value })
    const canonical = subjectOf({ ip: inside })
    expect(table.lookup(canonical, 1500).type).toBe('deny')
    expect(table.lookup({ ip: canonical.ip }, 1500).type).toBe('deny')
    expect(table.lookup(subjectOf({ ip: outside }), 1500).type).toBe('allow')
  })

  it('knows every address of an IPv6 client', () => {
    const table = tableWith({ ...deny, value: '2001:db8:1:2::/64' })
    expect(table.lookup(subjectOf({ ip: '2001:DB8:1:2:ffff::9' }), 1500).type).toBe('deny')
    expect(table.lookup(subjectOf({ ip: '2001:db8:1:3::9' }), 1500).type).toBe('allow')
  })

  it('refuses a token by its jti', () => {
    const table = tableWith({ ...deny, scope: 'token', value: 'j-1', type: 'revoke' })
    expect(table.lookup({ jti: 'j-1', iss: 'https://any.example' }, 1500).type).toBe('revoke')
    expect(table.lookup({ jti: 'j-2' }, 1500).type).toBe('allow')
  })

  it.each([
    [{ issuedUntil: 1200 }, 1200],
    [{}, deny.from],
  ])('revokes the tokens of a principal issued up to the cut-off, given %o', (given, cutOffMs) => {
    const table = tableWith({ ...cutOff, ...given })
    expect(table.lookup({ principal: 'mallory', iat: cutOffMs }, 1500).type).toBe('revoke')
    expect(table.lookup({ principal: 'mallory', iat: cutOffMs + 1 }, 1500).type).toBe('allow')
    expect(table.lookup({ principal: 'mallory' }, 1500).type).toBe('allow')
    expect(table.lookup({ principal: 'alice', iat: 0 }, 1500).type).toBe('allow')
  })

  it('lets the rate through and says when to come back', () => {
    const table = tableWith(throttle)
    expect(table.lookup(attacker, 1000).type).toBe('allow')
    expect(table.lookup(attacker, 1000).type).toBe('allow')
    expect(table.lookup(attacker, 1001)).toEqual({ type: 'throttle', decision: throttle, retryAfterS: 5 })
    expect(table.lookup(attacker, 5999).type).toBe('throttle')
    expect(table.lookup(attacker, 6000).type).toBe('allow')
    expect(table.lookup(attacker, 6000)).toMatchObject({ retryAfterS: 5 })
  })

  it('never tells a client to wait beyond the end', () => {
    const table = tableWith({ ...throttle, rate: { count: 1, perMs: 60_000 }, until: 3500 })
    table.lookup(attacker, 1000)
    expect(table.lookup(attacker, 1500)).toMatchObject({ type: 'throttle', retryAfterS: 2 })
    expect(table.lookup(attacker, 3400)).toMatchObject({ type: 'throttle', retryAfterS: 1 })
  })

  it('keeps the bucket of a throttle that is applied again or extended', () => {
    const table = tableWith(throttle)
    table.lookup(attacker, 1000)
    table.apply({ ...throttle, until: 99_000 })
    table.replaceAll([{ ...throttle, until: 95_000 }])
    expect(table.lookup(attacker, 1000).type).toBe('allow')
    expect(table.lookup(attacker, 1000)).toMatchObject({ decision: { until: 95_000 } })
    table.apply({ ...throttle, rate: { count: 3, perMs: 10_000 } })
    expect(table.lookup(attacker, 1000).type).toBe('allow')
  })

  it('takes a token of no throttle when another one refuses', () => {
    const slow: Decision = {
      ...throttle,
      id: 't-2',
      scope: 'principal',
      value: 'mallory',
      rate: { count: 1, perMs: 9000 },
    }
    const table = tableWith(throttle, slow)
    const both = subjectOf({ ip: '203.0.113.7', principal: 'mallory' })
    expect(table.lookup(both, 1000).type).toBe('allow')
    for (let i = 0; i < 5; i++) expect(table.lookup(both, 1000)).toMatchObject({ decision: { id: 't-2' } })
    expect(table.lookup(attacker, 1000).type).toBe('allow')
    expect(table.lookup(attacker, 1000).type).toBe('throttle')
  })

  it('takes a decision back, and forgets what has ended', () => {
    const table = tableWith(deny, throttle)
    expect(table.remove('d-1')).toBe(true)
    expect(table.remove('d-1')).toBe(false)
    expect(table.lookup(attacker, 1500).type).toBe('allow')
    expect(table.removeExpired(90_000)).toBe(1)
    expect(table.size).toBe(0)
  })

  it.each([
    [{ scope: 'device' }, /no gateway can recognise a device/],
    [{ value: '203.0.113.7:443' }, /'203.0.113.7:443' is not the canonical id of a ip; write 203.0.113.7$/],
    [{ until: 1000 }, /ends \(1000\) before it begins/],
    [{ type: 'throttle' }, /needs a rate/],
    [{ type: 'throttle', rate: { count: 0, perMs: 1000 } }, /needs a rate/],
    [{ type: 'throttle', rate: { count: 1, perMs: 0.5 } }, /needs a rate/],
  ] as const)('refuses what would never match: %o', (change, message) => {
    const bad: Decision = { ...deny, id: 'bad', ...change }
    expect(() => new DecisionTable().apply(bad)).toThrow(message)
    const table = tableWith(throttle)
    expect(() => table.replaceAll([bad, deny])).toThrow(message)
    expect(table.list()).toEqual([deny])
  })
})
