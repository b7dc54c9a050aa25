import { describe, expect, it } from 'vitest'
import { canonicalId } from './canonical-id.ts'

describe('canonicalId', () => {
  it.each([
    ['ip', '203.0.113.7', '203.0.113.7'],
    ['ip', '203.0.113.7:4711', '203.0.113.7'],
    ['ip', '::ffff:203.0.113.7', '203.0.113.7'],
    ['ip', '[2001:DB8:0:1::5]:443', '2001:db8:0:1::/64'],
    ['ip', '2001:db8:0:1:ffff::1', '2001:db8:0:1::/64'],
    ['ip', '2001:db8:0:1::/64', '2001:db8:0:1::/64'],
    ['ip', 'fe80::1%eth0', 'fe80::/64'],
    ['network', '203.0.113.7', '203.0.113.0/24'],
    ['network', '203.0.113.0/24', '203.0.113.0/24'],
    ['network', '2001:db8:1:2::5', '2001:db8:1::/48'],
    ['principal', 'mallory', 'mallory'],
    ['principal', '-', '-'],
  ] as const)('%s %s is %s', (kind, text, id) => {
    expect(canonicalId(kind, text)).toBe(id)
  })

  it.each([
    ['ip', '0x7f.1'],
    ['ip', '010.1.2.3.4'],
    ['ip', '::ffff:010.2.3.4'],
    ['ip', '[::ffff:0x7f.0.0.1]:443'],
    ['ip', '1.2.3'],
    ['ip', 'example.org'],
    ['ip', ''],
    ['network', '0.0.0.0/0'],
    ['network', '203.0.113.0/33'],
    ['ip', '-'],
    ['principal', ''],
  ] as const)('%s %s names nothing', (kind, text) => {
    expect(canonicalId(kind, text)).toBeUndefined()
  })

  it('is idempotent', () => {
    for (const kind of ['ip', 'network'] as const) {
      for (const text of ['203.0.113.7', '2001:db8:0:1::5']) {
        const id = canonicalId(kind, text)
        expect(canonicalId(kind, id)).toBe(id)
      }
    }
  })
})
