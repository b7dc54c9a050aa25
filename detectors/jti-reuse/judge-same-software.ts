import type { Claim } from './claim.ts'
import { bothUsed, type Client, type Sighting, turnsOf } from './client.ts'
import type { Config } from './config.ts'
import { isIpv6, wideNetworkOf } from './place.ts'

/** So many addresses are a pool of egress addresses or a relay, whatever their countries. */
const poolMin = 4
/** A phone that changes networks is in both for seconds. */
const overlapMinMs = 2 * 60_000

/**
 * Claims about places that look like one client. A thief may copy the user agent, so two countries that take many
 * turns are told, but never as sure. Two providers or far networks are a note: an office with two uplinks, or a phone
 * between two networks, does the same all day.
 */
export function judgeSameSoftware(client: Client, config: Config): Claim[] {
  const traced = client.some(({ tls }) => tls !== '')
  const { country_alternations_min, asn_alternations_min, network_alternations_min } = config
  const addresses = new Set(client.map(({ address }) => address)).size
  if (addresses >= poolMin) return []
  const byCountry = claimBy(
    'country',
    client,
    country_alternations_min,
    0.65,
    config,
    ({ country }) => country,
  )
  if (byCountry) return [byCountry]
  // The same fingerprint from two providers is a phone on Wi-Fi and mobile data, far more often than a thief.
  if (traced || addresses !== 2) return []
  if (client.every(({ asn }) => asn !== undefined)) {
    const byProvider = claimBy('asn', client, asn_alternations_min, 0.6, config, ({ asn }) =>
      String(asn ?? ''),
    )
    return byProvider ? [byProvider] : []
  }
  const byNetwork = claimBy('network', client, network_alternations_min, 0.55, config, ({ address }) =>
    isIpv6(address) ? '' : wideNetworkOf(address),
  )
  return byNetwork ? [byNetwork] : []
}

/** A claim when the places fall into exactly two zones that took turns; a place of unknown zone forbids it. */
function claimBy(
  basis: string,
  client: Client,
  alternationsMin: number,
  score: number,
  config: Config,
  zoneOf: (sighting: Sighting) => string,
): Claim | undefined {
  const zones = new Map<string, Sighting[]>()
  for (const sighting of client) {
    const zone = zoneOf(sighting)
    if (zone === '') return undefined
    zones.set(zone, [...(zones.get(zone) ?? []), sighting])
  }
  const [left, right, ...others] = [...zones]
    .sort(([one], [two]) => (one < two ? -1 : 1))
    .map(([, places]) => places)
  if (!left || !right || others.length > 0 || !bothUsed(left, right, config.uses_min)) return undefined
  // One device speaks IPv4 and IPv6 by turns, and a tunnel may end in another country.
  const shared = [true, false].some((v6) =>
    [left, right].every((side) => side.some(({ address }) => isIpv6(address) === v6)),
  )
  if (!shared) return undefined
  const { count: alternations, overlapMs } = turnsOf(left, right)
  if (alternations < alternationsMin || overlapMs < overlapMinMs) return undefined
  const severity = basis === 'country' ? 'medium' : 'info'
  return { reason: 'two_places', score, severity, pair: [left, right], alternations, basis }
}
