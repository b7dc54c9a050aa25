import fc from 'fast-check'
import ipaddr from 'ipaddr.js'
import { expect, it } from 'vitest'
import { addressId, canonicalAddress, networkId } from './canonical-address.ts'
import { Ipv6Reader } from './ipv6.ts'

/** More, for a longer run by hand. */
const numRuns = Number(process.env.PICKET_FUZZ_RUNS ?? 5000)
const reader = new Ipv6Reader()

function known(text: string): ipaddr.IPv6 | undefined {
  return ipaddr.IPv6.isValid(text) ? ipaddr.IPv6.parse(text) : undefined
}

/** What ipaddr.js makes of the first bits of an address. */
function prefix(address: string, bits: number): string {
  const bytes = ipaddr.parse(address).toByteArray()
  const masked = ipaddr.fromByteArray(bytes.map((byte, index) => (index * 8 < bits ? byte : 0)))
  const text = masked instanceof ipaddr.IPv6 ? masked.toRFC5952String() : masked.toString()
  return `${text}/${bits}`
}

const group = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('0', '0', '0000', '00', '1', 'ffff', 'FFFF', '0db8', 'aB') },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 0xffff }).map((value) => value.toString(16)) },
)
const address = fc
  .tuple(fc.array(group, { minLength: 8, maxLength: 8 }), fc.nat(8), fc.nat(8), fc.boolean())
  .map(([groups, from, length, isUpper]) => {
    const end = Math.min(8, from + length)
    const text =
      end === from ? groups.join(':') : `${groups.slice(0, from).join(':')}::${groups.slice(end).join(':')}`
    return isUpper ? text.toUpperCase() : text
  })
const mapped = fc
  .tuple(
    fc.constantFrom('::ffff:', '::FFFF:', '::', '0:0:0:0:0:ffff:', '64:ff9b::', '::1:', '1:2:3:4:5:6:'),
    fc.ipV4(),
  )
  .map(([before, v4]) => before + v4)
const mappedGroups = fc.tuple(group, group).map(([high, low]) => `::ffff:${high}:${low}`)
const anyAddress = fc.oneof(
  { weight: 4, arbitrary: address },
  { weight: 1, arbitrary: fc.oneof(fc.ipV6(), mapped, mappedGroups) },
)
const piece = fc.constantFrom(
  ':',
  '::',
  '0',
  '1',
  'f',
  'g',
  'G',
  '%',
  'eth0',
  '.',
  '1.2.3.4',
  '[',
  ']',
  ' ',
  '/64',
  '١',
)
const damaged = fc
  .tuple(anyAddress, fc.nat(40), fc.nat(3), fc.option(piece))
  .map(([text, at, cut, added]) => text.slice(0, at) + (added ?? '') + text.slice(at + cut))
const made = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''))
const texts = fc.oneof({ weight: 3, arbitrary: anyAddress }, { weight: 2, arbitrary: damaged }, made)

it('takes no text that ipaddr.js refuses, and makes the same of it', () => {
  let read = 0
  fc.assert(
    fc.property(texts, (text) => {
      if (!reader.read(text)) {
        // Zones and dots are left to others.
        expect([text, /[.%]/.test(text) || known(text) === undefined]).toEqual([text, true])
        return
      }
      read++
      expect([text, [...reader.groups]]).toEqual([text, known(text)?.parts])
      expect([text, reader.canonical(text)]).toEqual([text, known(text)?.toRFC5952String()])
      expect([text, reader.mapped]).toEqual([
        text,
        known(text)?.isIPv4MappedAddress() ? known(text)?.toIPv4Address().toString() : undefined,
      ])
    }),
    { numRuns },
  )
  expect(read).toBeGreaterThan(numRuns / 4)
})

it('names addresses and networks as ipaddr.js would, with brackets, zone and port', () => {
  const written = fc.constantFrom<readonly [before: string, behind: string]>(
    ['', ''],
    [' ', ' '],
    ['', '%eth0'],
    ['[', ']'],
    ['[', ']:443'],
    ['[', '%1]:443'],
  )
  fc.assert(
    fc.property(anyAddress, written, (text, [before, behind]) => {
      const address = known(text)
      const isMapped = address?.isIPv4MappedAddress()
      const canonical = isMapped ? address?.toIPv4Address().toString() : address?.toRFC5952String()
      const id = canonical && !isMapped ? prefix(canonical, 64) : canonical
      const network = canonical && prefix(canonical, isMapped ? 24 : 48)
      const whole = before + text + behind
      expect([whole, canonicalAddress(whole)]).toEqual([whole, canonical])
      expect([whole, addressId(whole)]).toEqual([whole, id])
      expect([whole, networkId(whole)]).toEqual([whole, network])
    }),
    { numRuns },
  )
})

it('gives a canonical address as the text that it was', () => {
  const text = ['2001:db8::', '1'].join('')
  expect(reader.read(text)).toBe(true)
  expect(reader.canonical(text)).toBe(text)
  for (const other of ['2001:DB8::1', '2001:0db8::1', '2001:db8:0::1', '2001:db8:0:0:0:0:0:1'])
    expect(reader.read(other) && reader.canonical(other)).toBe(text)
  for (const other of ['1::2:3:4:5:6:7', '1:0:0:0:2::3', '::1:0:0:0:2:3'])
    expect(reader.read(other) && reader.canonical(other)).not.toBe(other)
})
