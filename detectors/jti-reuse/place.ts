import { addressId, networkId } from '../../core/entity/canonical-address.ts'
import { memoise } from '../../core/entity/memoise.ts'

/** Where a token was used: address and what is known of the client. Empty text: not known. */
export interface Place {
  /** IPv4 address, or /64 of IPv6. */
  readonly address: string
  /** User agent without versions. */
  readonly agent: string
  /** What stays of a TLS fingerprint from one connection to the next. */
  readonly tls: string
}

const separator = '\u0000'

/** One key for a place in tables; parts never hold the separator. */
export function placeKey({ address, agent, tls }: Place): string {
  return `${address}${separator}${agent}${separator}${tls}`
}

/** The inverse of `placeKey`. */
export function placeOf(key: string): Place {
  const [address = '', agent = '', tls = ''] = key.split(separator)
  return { address, agent, tls }
}

/** The entity id of an address, or empty. */
export const addressOf = memoise((text: string) => addressId(text) ?? '')

/** A user agent without version numbers, so that an update does not make another client; printable, at most 160 long. */
export const agentFamily = memoise((text: string) => {
  const bare = text
    .slice(0, 512)
    .replace(/[^\x20-\x7e]/g, '?')
    .replace(/\d[\d._]*/g, '*')
    .trim()
  return bare === '-' ? '' : bare.slice(0, 160)
})

const ja4 = /^([tqd])(\d\d|s\d|d\d)([di])(\d\d)\d\d\w\w_([0-9a-f]{12})(_[0-9a-f]{12})?$/i

/**
 * The part of a JA4 that one client keeps: version, number and hash of ciphers. Extensions come and go with session
 * resumption, and one browser speaks QUIC and TCP with different ciphers, so QUIC says nothing. Others stay whole.
 */
export const tlsTrait = memoise((text: string) => {
  const match = ja4.exec(text)
  if (match) return match[1] === 't' ? `t${match[2]}_${match[4]}_${match[5]}`.toLowerCase() : ''
  const bare = text.replace(/[^\w.:-]/g, '?').slice(0, 64)
  return bare === '-' ? '' : bare
})

/** The network of an address that one site or carrier pool shares: /24 of IPv4, /48 of IPv6. */
export const networkOf = memoise((address: string) => networkId(address.replace(/\/64$/, '')) ?? '')

/** Text that two far networks differ in: /16 of IPv4, /32 of IPv6. */
export function wideNetworkOf(address: string): string {
  return address.split(/[.:]/, 2).join(isIpv6(address) ? ':' : '.')
}

export function isIpv6(address: string): boolean {
  return address.includes(':')
}

/** ISO 3166 letters as a number above 0, for a table column; `undefined` for anything else. */
export function countryNumber(text: string | undefined): number | undefined {
  return text === undefined ? undefined : numberOf(text)
}

const numberOf = memoise((text) => {
  if (!/^[a-z]{2}$/i.test(text)) return undefined
  const upper = text.toUpperCase()
  return (upper.charCodeAt(0) - 64) * 27 + upper.charCodeAt(1) - 64
})

/** The inverse of `countryNumber`; empty for none. */
export function countryText(number: number | undefined): string {
  if (number === undefined) return ''
  return String.fromCharCode(64 + Math.floor(number / 27), 64 + (number % 27))
}
