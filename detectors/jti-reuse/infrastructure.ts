import ipaddr from 'ipaddr.js'
import { perConfig } from '../../core/detector/per-config.ts'
import { ipv4Number, isInRange } from '../../core/entity/ipv4.ts'
import type { Config } from './config.ts'

/** Ranges whose addresses are not where a client on the internet is: RFC 1918, 4193, 6598, loopback, link-local. */
const innerRanges = new Set([
  'private',
  'loopback',
  'linkLocal',
  'uniqueLocal',
  'carrierGradeNat',
  'unspecified',
])

/** Addresses remembered with their answer. */
const addressesMax = 50_000

type Cidr = ReturnType<typeof ipaddr.parseCIDR>
interface Trusted {
  readonly networks: readonly Cidr[]
  readonly known: Map<string, boolean>
}

const trustedOf = perConfig((config: Config): Trusted => {
  return { networks: config.trusted_networks.map((cidr) => ipaddr.parseCIDR(cidr)), known: new Map() }
})

/**
 * True for addresses and user agents of own infrastructure: it carries the tokens of many users, so its address
 * beside a user's is not a second place. `address` is an entity id, or empty when not known.
 */
export function isInfrastructure(address: string, userAgent: string, config: Config): boolean {
  if (config.trusted_user_agents.some((prefix) => userAgent.startsWith(prefix))) return true
  if (address === '') return false
  const trusted = trustedOf(config)
  let inner = trusted.known.get(address)
  if (inner === undefined) {
    inner = isInner(address, trusted.networks)
    if (trusted.known.size >= addressesMax) trusted.known.clear()
    trusted.known.set(address, inner)
  }
  return inner
}

/** The same ranges of IPv4, which most addresses can be compared with as numbers. */
const innerIpv4 = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
].map(([first, bits]) => ({ first: ipv4Number(String(first)) ?? 0, bits: Number(bits) }))

function isInner(address: string, networks: readonly Cidr[]): boolean {
  const number = ipv4Number(address)
  if (number !== undefined && innerIpv4.some(({ first, bits }) => isInRange(number, first, bits))) return true
  if (number !== undefined && networks.length === 0) return false
  const parsed = ipaddr.parse(address.replace(/\/64$/, ''))
  if (innerRanges.has(parsed.range())) return true
  return networks.some(([network, bits]) => network.kind() === parsed.kind() && parsed.match(network, bits))
}
