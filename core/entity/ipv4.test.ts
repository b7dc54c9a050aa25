import fc from 'fast-check'
import ipaddr from 'ipaddr.js'
import { expect, it } from 'vitest'
import { ipv4Number, isInRange } from './ipv4.ts'

it('takes exactly what ipaddr.js takes as four decimal parts', () => {
  const texts = fc.oneof(
    fc.ipV4(),
    fc.string({ unit: fc.constantFrom(...'0123456789.'), maxLength: 17 }),
    fc
      .array(fc.integer({ min: 0, max: 300 }), { minLength: 3, maxLength: 5 })
      .map((parts) => parts.join('.')),
  )
  fc.assert(
    fc.property(texts, (text) => {
      const known = ipaddr.IPv4.isValidFourPartDecimal(text)
      expect(ipv4Number(text) !== undefined).toBe(known)
      if (!known) return
      const bytes = ipaddr.IPv4.parse(text).toByteArray()
      expect(ipv4Number(text)).toBe(bytes.reduce((number, byte) => number * 256 + byte, 0))
    }),
    { numRuns: 2000 },
  )
})

it.each(['', '.', '1.2.3', '1.2.3.4.', '01.2.3.4', '1.2.3.256', '0x7f.0.0.1', ' 1.2.3.4', '1..2.3'])(
  '%j is none',
  (text) => expect(ipv4Number(text)).toBeUndefined(),
)

it('knows the edges of a range', () => {
  const first = ipv4Number('100.64.0.0') as number
  expect(isInRange(first, first, 10)).toBe(true)
  expect(isInRange(ipv4Number('100.127.255.255') as number, first, 10)).toBe(true)
  expect(isInRange(ipv4Number('100.128.0.0') as number, first, 10)).toBe(false)
})
