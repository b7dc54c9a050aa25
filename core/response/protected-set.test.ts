import { describe, expect, it } from 'vitest'
import { createProtectedSet } from './protected-set.ts'

describe('protected set', () => {
  const byDefault = createProtectedSet({})

  it.each([
    ['ip', '127.0.0.1', '127.0.0.0/8'],
    ['ip', '10.1.2.3', '10.0.0.0/8'],
    ['ip', '172.31.255.255', '172.16.0.0/12'],
    ['ip', '192.168.1.1', '192.168.0.0/16'],
    ['ip', '169.254.0.1', '169.254.0.0/16'],
    ['ip', '100.127.0.1', '100.64.0.0/10'],
    ['ip', '::/64', '::1/128'],
    ['ip', 'fe80::/64', 'fe80::/10'],
    ['ip', 'fd00:1:2:3::/64', 'fc00::/7'],
    ['network', '10.1.2.0/24', '10.0.0.0/8'],
    ['ip', 'not-an-address', 'unreadable ip'],
  ] as const)('protects %s %s by %s', (kind, id, entry) => {
    expect(byDefault({ kind, id })).toBe(entry)
  })

  it.each([
    ['ip', '172.32.0.1'],
    ['ip', '100.128.0.1'],
    ['ip', '203.0.113.7'],
    ['ip', '2001:db8:0:1::/64'],
    ['principal', '127.0.0.1'],
  ] as const)('leaves %s %s alone', (kind, id) => {
    expect(byDefault({ kind, id })).toBeUndefined()
  })

  it('protects a network that overlaps one protected address', () => {
    const set = createProtectedSet({ ips: ['203.0.113.7', '2001:db8:0:1::5'] })
    expect(set({ kind: 'network', id: '203.0.113.0/24' })).toBe('203.0.113.7')
    expect(set({ kind: 'network', id: '203.0.112.0/24' })).toBeUndefined()
    expect(set({ kind: 'ip', id: '2001:db8:0:1::/64' })).toBe('2001:db8:0:1::5')
    expect(set({ kind: 'network', id: '2001:db8::/48' })).toBe('2001:db8:0:1::5')
  })

  it('folds IPv4-mapped addresses', () => {
    expect(
      createProtectedSet({ ips: ['::ffff:203.0.113.7'] })({ kind: 'ip', id: '203.0.113.7' }),
    ).toBeDefined()
    expect(
      createProtectedSet({ ips: ['::ffff:203.0.113.0/120'] })({ kind: 'ip', id: '203.0.113.9' }),
    ).toBeDefined()
  })

  it('drops its defaults when told, and only them', () => {
    const set = createProtectedSet({ defaults: false, networks: ['198.51.100.0/24'] })
    expect(set({ kind: 'ip', id: '127.0.0.1' })).toBeUndefined()
    expect(set({ kind: 'ip', id: '198.51.100.1' })).toBe('198.51.100.0/24')
  })

  it('knows principals, keys and clients, each by its own kind', () => {
    const set = createProtectedSet({ principals: ['ops'], keys: ['k-break-glass'], clients: ['health'] })
    expect(set({ kind: 'principal', id: 'ops' })).toBe('principal ops')
    expect(set({ kind: 'key', id: 'k-break-glass' })).toBe('key k-break-glass')
    expect(set({ kind: 'client', id: 'health' })).toBe('client health')
    expect(set({ kind: 'key', id: 'ops' })).toBeUndefined()
  })

  it.each(['10.0.0', '0x7f.1', '10.0.0.0/33', 'example.org', '', '2001:db8::/129', '10.0.0.0/8/8x'])(
    'refuses to be configured with %s',
    (text) => {
      expect(() => createProtectedSet({ ips: [text] })).toThrow(/is no address to protect/)
    },
  )
})
