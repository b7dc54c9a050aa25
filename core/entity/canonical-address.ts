import ipaddr from 'ipaddr.js'
import { ipv4Number } from './ipv4.ts'
import { Ipv6Reader } from './ipv6.ts'
import { memoise } from './memoise.ts'

const ipv6 = new Ipv6Reader()

/**
 * The one text of an address: RFC 5952 for IPv6, IPv4-mapped addresses as IPv4, port, brackets and zone removed.
 * `undefined` for anything that is no single address; octal, hex and short IPv4 forms are refused, not guessed.
 */
export function canonicalAddress(text: string): string | undefined {
  const plain = plainAddress(text)
  if (plain !== undefined) return plain
  const bare = withoutPort(text.trim())
  return plainAddress(bare) ?? unusualAddress(bare)
}

function plainAddress(text: string): string | undefined {
  if (ipv4Number(text) !== undefined) return text
  return ipv6.read(text) ? (ipv6.mapped ?? ipv6.canonical(text)) : undefined
}

/** With a zone, or an IPv4 address at its end. */
function unusualAddress(text: string): string | undefined {
  if (!text.includes(':') || !ipaddr.IPv6.isValid(text)) return undefined
  const [end = ''] = text.slice(text.lastIndexOf(':') + 1).split('%', 1)
  if (end.includes('.') && ipv4Number(end) === undefined) return undefined
  const address = ipaddr.IPv6.parse(text.replace(/%.*$/, ''))
  return address.isIPv4MappedAddress() ? address.toIPv4Address().toString() : address.toRFC5952String()
}

/** The entity id of an address: IPv4 as it is, IPv6 by its /64, because one client owns the whole /64. */
export function addressId(text: string): string | undefined {
  // Reading four numbers costs less than a look-up.
  return ipv4Number(text) === undefined ? otherAddressId(text) : text
}

const otherAddressId = memoise(function addressIdOf(text) {
  const address = canonicalAddress(text)
  return address?.includes(':') ? prefixOf(address, 64) : address
})

/** The entity id of the network around an address: /24 of IPv4, /48 of IPv6. */
export const networkId = memoise(function networkIdOf(text) {
  const address = canonicalAddress(text)
  return address === undefined ? undefined : prefixOf(address, address.includes(':') ? 48 : 24)
})

/** CIDR text of the prefix that holds a canonical address. */
function prefixOf(address: string, bits: 24 | 48 | 64): string {
  if (bits === 24) return `${address.slice(0, address.lastIndexOf('.'))}.0/24`
  ipv6.read(address)
  return `${ipv6.network(bits / 16)}/${bits}`
}

function withoutPort(text: string): string {
  const bracketed = /^\[([^\]]+)\](?::\d{1,5})?$/.exec(text)
  if (bracketed?.[1]) return bracketed[1]
  const v4WithPort = /^(\d{1,3}(?:\.\d{1,3}){3}):\d{1,5}$/.exec(text)
  return v4WithPort?.[1] ?? text
}
