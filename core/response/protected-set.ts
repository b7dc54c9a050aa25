import ipaddr from 'ipaddr.js'
import type { Entity, EntityKind } from '../entity/entity.ts'

/** Addresses that no enforcement may hit: our own machines, proxies and carrier NAT, where one address is many people. */
export const protectedAddressDefaults: readonly string[] = [
  '127.0.0.0/8', // loopback, RFC 1122
  '::1/128',
  '10.0.0.0/8', // private, RFC 1918
  '172.16.0.0/12',
  '192.168.0.0/16',
  'fc00::/7', // unique local, RFC 4193
  '169.254.0.0/16', // link-local, RFC 3927
  'fe80::/10',
  '100.64.0.0/10', // carrier-grade NAT, RFC 6598
]

export interface ProtectedSetConfig {
  /** `false` drops `protectedAddressDefaults`, for a gateway whose clients really live there. Default `true`. */
  readonly defaults?: boolean
  /** Addresses or CIDRs; `networks` is the same list under the name people look for. */
  readonly ips?: readonly string[]
  readonly networks?: readonly string[]
  /** Ids as they stand in events, so pseudonyms where these are pseudonymised. */
  readonly principals?: readonly string[]
  readonly keys?: readonly string[]
  readonly clients?: readonly string[]
}

/** Whom nothing may be enforced on. Returns the entry that protects the entity, in words. */
export type ProtectedSet = (entity: Entity) => string | undefined

interface Prefix {
  readonly address: ipaddr.IPv4 | ipaddr.IPv6
  readonly bits: number
  readonly text: string
}

/** Builds the set. Throws `RangeError` naming the first text that is neither an address nor a CIDR. */
export function createProtectedSet(config: ProtectedSetConfig): ProtectedSet {
  const addresses = [
    ...(config.defaults === false ? [] : protectedAddressDefaults),
    ...(config.ips ?? []),
    ...(config.networks ?? []),
  ].map(parsePrefix)
  const ids: ReadonlyMap<EntityKind, ReadonlySet<string>> = new Map([
    ['principal', new Set(config.principals)],
    ['key', new Set(config.keys)],
    ['client', new Set(config.clients)],
  ])
  return function protectedSet(entity) {
    if (entity.kind === 'ip' || entity.kind === 'network') return protectingPrefix(entity, addresses)
    return ids.get(entity.kind)?.has(entity.id) ? `${entity.kind} ${entity.id}` : undefined
  }
}

/** An address that can't be read is protected: acting on what we don't understand is the worse mistake. */
function protectingPrefix(entity: Entity, addresses: readonly Prefix[]): string | undefined {
  let target: Prefix
  try {
    target = parsePrefix(entity.id)
  } catch {
    return `unreadable ${entity.kind}`
  }
  return addresses.find((prefix) => overlaps(prefix, target))?.text
}

/** Two prefixes overlap when the shorter one holds the longer. */
function overlaps(left: Prefix, right: Prefix): boolean {
  if (left.address.kind() !== right.address.kind()) return false
  const bits = Math.min(left.bits, right.bits)
  return left.address instanceof ipaddr.IPv4
    ? left.address.match(right.address as ipaddr.IPv4, bits)
    : left.address.match(right.address as ipaddr.IPv6, bits)
}

function parsePrefix(text: string): Prefix {
  const [address = '', bitsText, ...more] = text.split('/')
  const readable = ipaddr.IPv4.isValidFourPartDecimal(address) || address.includes(':')
  if (!readable || !ipaddr.isValid(address) || more.length > 0 || !/^\d{1,3}$/.test(bitsText ?? '0')) {
    throw notAnAddress(text)
  }
  const parsed = ipaddr.parse(address)
  const mapped = parsed instanceof ipaddr.IPv6 && parsed.isIPv4MappedAddress()
  const folded = mapped ? (parsed as ipaddr.IPv6).toIPv4Address() : parsed
  const bitsMax = folded.kind() === 'ipv4' ? 32 : 128
  const bits = bitsText === undefined ? bitsMax : Number(bitsText) - (mapped ? 96 : 0)
  if (bits < 0 || bits > bitsMax) throw notAnAddress(text)
  return { address: folded, bits, text }
}

function notAnAddress(text: string): RangeError {
  return new RangeError(
    `'${text.slice(0, 64)}' is no address to protect; write an address or CIDR, such as 203.0.113.7 or 2001:db8::/32`,
  )
}
