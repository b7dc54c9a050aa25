import ipaddr from 'ipaddr.js'
import { perConfig } from '../../core/detector/per-config.ts'
import { ipv4Number, isInRange } from '../../core/entity/ipv4.ts'
import { Ipv6Reader } from '../../core/entity/ipv6.ts'
import type { Config } from './config.ts'

type Cidr = ReturnType<typeof ipaddr.parseCIDR>

const trustedOf = perConfig((config: Config): readonly Cidr[] =>
  config.trusted_networks.map((cidr) => ipaddr.parseCIDR(cidr)),
)

/**
 * True for addresses and user agents of own infrastructure: it carries the tokens of many users, so its address
 * beside a user's is not a second place. `address` is an entity id, or empty when not known.
 */
export function isInfrastructure(address: string, userAgent: string, config: Config): boolean {
  if (config.trusted_user_agents.some((prefix) => userAgent.startsWith(prefix))) return true
  return address !== '' && isInner(address.replace(/\/64$/, ''), trustedOf(config))
}

/**
 * Ranges whose addresses are not where a client on the internet is: unspecified, RFC 1918, 6598, loopback, link-local. Most
 * addresses can be compared with them as numbers.
 */
const innerIpv4 = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
].map(([first, bits]) => ({ first: ipv4Number(String(first)) ?? 0, bits: Number(bits) }))

const ipv6 = new Ipv6Reader()

function isInner(address: string, networks: readonly Cidr[]): boolean {
  const number = ipv4Number(address)
  if (number === undefined) {
    if (ipv6.read(address) && isInnerIpv6(ipv6.groups)) return true
  } else if (innerIpv4.some(({ first, bits }) => isInRange(number, first, bits))) return true
  if (networks.length === 0) return false
  const parsed = ipaddr.parse(address)
  return networks.some(([network, bits]) => network.kind() === parsed.kind() && parsed.match(network, bits))
}

/** The same of IPv6: unspecified, loopback, unique local (RFC 4193), link-local. */
function isInnerIpv6(groups: Uint16Array): boolean {
  const first = groups[0] as number
  if ((first & 0xfe00) === 0xfc00 || (first & 0xffc0) === 0xfe80) return true
  return (groups[7] as number) <= 1 && groups.subarray(0, 7).every((group) => group === 0)
}
