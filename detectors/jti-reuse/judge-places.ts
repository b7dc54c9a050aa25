import { durationMs } from '../../core/time/duration.ts'
import type { TokenWindow } from './cells.ts'
import type { Claim } from './claim.ts'
import { bothUsed, type Client, clientsOf, differ, type Sighting, sightingsOf, turnsOf } from './client.ts'
import type { Config } from './config.ts'
import { judgeSameSoftware } from './judge-same-software.ts'

/** More clients than this are not compared; they are ordered by uses. */
const clientsMax = 12

/** The strongest claim that two clients took turns with the token: within the window, else over the retention. */
export function judgePlaces(window: TokenWindow, config: Config): Claim | undefined {
  const seen = window.once(seenOf)
  if (!seen) return undefined
  const { recent } = seen
  const clients = window.once(clientsInWindow)
  const fast = strongest(pairClaims(clients, (left, right) => twoSites(left, right, config)))
  if (fast && fast.score >= 0.8) return fast
  // Where nothing tells the software, all places together may be one client, as far as is known.
  const bare = recent.every(({ agent, tls }) => agent === '' && tls === '')
  return strongest([
    ...pairClaims(window.once(clientsRemembered), (left, right) =>
      twoSites(left, right, config, window.start),
    ),
    ...(fast ? [fast] : []),
    ...pairClaims(window.once(neighboursInWindow), (left, right) => oneSite(left, right, config)),
    ...(bare ? [recent] : clients).flatMap((client) => judgeSameSoftware(client, config)),
  ])
}

/** Where the token was seen, over the retention and in the window; `undefined` when that is one place. */
interface Seen {
  readonly long: readonly Sighting[]
  readonly recent: readonly Sighting[]
}

function seenOf(window: TokenWindow): Seen | undefined {
  const { visits } = window.memory
  const placeKeyOf = (key: string) => key.slice(key.indexOf('|') + 1)
  // Nearly every token is used in one place only; nothing is built for it.
  if (visits.complete && new Set(visits.rows().map(({ key }) => placeKeyOf(key))).size < 2) return undefined
  const long = sightingsOf(visits.rows().map((row) => ({ ...row, key: placeKeyOf(row.key) })))
  const recent = sightingsOf(window.panes.flatMap(({ cells }) => cells.places.rows()))
  return long.length < 2 && recent.length < 2 ? undefined : { long, recent }
}

/** What was seen together before the window links places in it: app and web view of one phone, say. */
function clientsInWindow(window: TokenWindow): readonly Client[] {
  const { recent = [], long = [] } = window.once(seenOf) ?? {}
  return clientsOf(recent, 'network', long).slice(0, clientsMax)
}

function neighboursInWindow(window: TokenWindow): readonly Client[] {
  const { recent = [], long = [] } = window.once(seenOf) ?? {}
  return clientsOf(recent, 'address', long).slice(0, clientsMax)
}

function clientsRemembered(window: TokenWindow): readonly Client[] {
  return clientsOf(window.once(seenOf)?.long ?? [], 'network').slice(0, clientsMax)
}

function strongest(claims: readonly Claim[]): Claim | undefined {
  let best: Claim | undefined
  for (const claim of claims) {
    const more = best && claim.score === best.score && (claim.alternations ?? 0) > (best.alternations ?? 0)
    if (!best || claim.score > best.score || more) best = claim
  }
  return best
}

function pairClaims(
  clients: readonly Client[],
  judge: (left: Client, right: Client) => Claim | undefined,
): Claim[] {
  return clients.flatMap((left, index) =>
    clients.slice(index + 1).flatMap((right) => {
      const claim = judge(left, right)
      return claim ? [claim] : []
    }),
  )
}

/**
 * Different software in different networks, by turns. With `since`, over the long memory: that would repeat an old
 * theft every hour, so it needs a change since then.
 */
function twoSites(left: Client, right: Client, config: Config, since?: number): Claim | undefined {
  if (!bothUsed(left, right, config.uses_min)) return undefined
  const agents = differ(valuesOf(left, 'agent'), valuesOf(right, 'agent'))
  const fingerprints = differ(valuesOf(left, 'tls'), valuesOf(right, 'tls'))
  if (!agents && !fingerprints) return undefined
  const countries = differ(valuesOf(left, 'country'), valuesOf(right, 'country'))
  const providers = countries || differ(valuesOf(left, 'asn'), valuesOf(right, 'asn'))
  const turns = turnsOf(left, right)
  // Another country is as good as another user agent: TLS inspection stands where its users are.
  const softwareMin = agents || countries ? config.alternations_min : config.fingerprint_alternations_min
  const needed = since === undefined ? softwareMin : Math.max(config.slow_alternations_min, softwareMin)
  const basis = [
    'network',
    ...(countries ? ['country'] : []),
    ...(agents ? ['user_agent'] : []),
    ...(fingerprints ? ['tls'] : []),
  ].join('+')
  const pair = [left, right] as const
  if (turns.count >= needed && turns.last >= (since ?? 0)) {
    const sure = [agents && fingerprints, countries, turns.count >= 2 * needed].filter(Boolean).length
    const score = (since === undefined ? 0.85 : 0.82) + 0.05 * sure
    const severity = agents && fingerprints && providers ? 'critical' : 'high'
    return { reason: 'two_places', score, severity, pair, alternations: turns.count, basis }
  }
  const travelled = agents && countries && turns.gapMs <= durationMs(config.travel_window)
  if (since !== undefined || !travelled) return undefined
  return { reason: 'two_places', score: 0.65, severity: 'medium', pair, alternations: turns.count, basis }
}

/** Two addresses of one network, one client each, that differ in all that is known. */
function oneSite(left: Client, right: Client, config: Config): Claim | undefined {
  if (!bothUsed(left, right, config.uses_min)) return undefined
  const addresses = new Set([...left, ...right].map(({ address }) => address))
  const networks = new Set([...left, ...right].map(({ network }) => network))
  if (addresses.size !== 2 || networks.size !== 1) return undefined
  if (!differ(valuesOf(left, 'agent'), valuesOf(right, 'agent'))) return undefined
  if (!differ(valuesOf(left, 'tls'), valuesOf(right, 'tls'))) return undefined
  const alternations = turnsOf(left, right).count
  if (alternations < config.fingerprint_alternations_min) return undefined
  const pair = [left, right] as const
  return {
    reason: 'two_places',
    score: 0.65,
    severity: 'medium',
    pair,
    alternations,
    basis: 'address+user_agent+tls',
  }
}

function valuesOf(client: Client, field: 'agent' | 'tls' | 'country' | 'asn') {
  return client.map((sighting) => sighting[field])
}
