import { canonicalAddress } from '../../core/entity/canonical-address.ts'
import type { Event } from '../../core/event/event.ts'
import { compileRoutes, type RouteTable } from '../../core/event/route-table.ts'
import { type RouteMatch, routeTemplate } from '../../core/event/route-template.ts'
import { BoundedCache } from './bounded-cache.ts'
import type { Draft } from './field-value.ts'
import { pathLengthMax } from './limits.ts'
import { cutText, ownText } from './own-text.ts'
import { queryObjectId, queryParameters, requestTarget } from './request-target.ts'

export interface NormaliseOptions {
  /** Route templates, such as those of an OpenAPI document: `/orders/{id}`. */
  readonly routes?: readonly string[] | undefined
  /** Query parameters whose values are kept in `path`; all others never enter. */
  readonly query_names?: readonly string[] | undefined
}

/** Addresses remembered in canonical form: a busy gateway sees some ten thousand in a minute. */
const addressesMax = 16_384
/** Hosts remembered in their one spelling. */
const hostsMax = 1024
/** Sender's own routes remembered in compiled form. */
const routesMax = 2048
/** Paths remembered with their route, short ones only: an attacker who asks for new ones gains a little time, no memory. */
const pathsMax = 4096
const rememberedPathLengthMax = 128

/**
 * Turns the fields that a format found into an event: what every format does the same way. The path loses its
 * query, route and object are derived from it when absent, addresses, method and host get their one spelling.
 */
export type Normalise = (time: number, draft: Draft) => Event

export function normaliser(options: NormaliseOptions = {}): Normalise {
  const table = options.routes?.length ? compileRoutes(options.routes) : undefined
  const queryNames = new Set(options.query_names ?? [])
  const addresses = new BoundedCache<string>(addressesMax)
  const paths = new BoundedCache<RouteMatch>(pathsMax)
  const hosts = new BoundedCache<string>(hostsMax)
  const senderRoutes = new BoundedCache<RouteTable | 'none'>(routesMax)

  return function normalise(time, draft) {
    // The draft holds only values that `fieldValue` gave for the field, which are of the field's type.
    const event = draft as unknown as Event
    event.time = time
    event.kind ??= 'http'
    if (event.method !== undefined) event.method = event.method.toUpperCase()
    if (event['client.ip'] !== undefined) setAddress(event, addresses)
    if (event.path !== undefined) setPath(event)
    if (event.host !== undefined) event.host = hostOf(event.host)
    return event
  }

  function hostOf(text: string): string {
    const kept = hosts.get(text)
    if (kept !== undefined) return kept
    const host = bareHost(text)
    hosts.set(text, host)
    return host
  }

  function setPath(event: Event): void {
    const target = event.path ?? ''
    // The usual case: nothing to take apart.
    if (event.method !== 'CONNECT' && target.startsWith('/') && !/[?#;]/.test(target)) {
      if (target.length <= pathLengthMax) {
        setRoute(event, target, undefined)
        return
      }
    }
    const { path, host, query } = requestTarget(target, event.method)
    if (host !== undefined && event.host === undefined) event.host = cutText(host, 256)
    if (path === undefined) {
      event.path = undefined
      return
    }
    setRoute(event, path, query)
    event.path = query === undefined || queryNames.size === 0 ? path : path + keptQuery(query, queryNames)
  }

  function setRoute(event: Event, path: string, query: string | undefined): void {
    if (event.route !== undefined && event['object.id'] !== undefined) return
    const match = matchPath(path, event.route)
    const named = match.id === undefined && query !== undefined ? queryObjectId(query) : undefined
    event.route ??= named ? `${match.route}?${named.name}={id}` : match.route
    const id = named?.id ?? match.id
    if (id === undefined || event['object.id'] !== undefined) return
    event['object.id'] = id
    const type = named ? lastFixed(match.route) : match.type
    if (type !== undefined) event['object.type'] ??= type
  }

  /** A sender's own route says which segment is the id; without one, or if it doesn't fit, ours does. */
  function matchPath(path: string, route: string | undefined): RouteMatch {
    if (route === undefined || !/[{:]/.test(route)) return ownMatch(path)
    let own = senderRoutes.get(route)
    if (own === undefined) {
      own = compiledRoute(route) ?? 'none'
      senderRoutes.set(route, own)
    }
    return detached(routeTemplate(path, own === 'none' ? table : own))
  }

  function ownMatch(path: string): RouteMatch {
    const kept = paths.get(path)
    if (kept !== undefined) return kept
    const match = detached(routeTemplate(path, table))
    if (path.length <= rememberedPathLengthMax) paths.set(path, match)
    return match
  }
}

/** The match with texts of its own: slices would keep the whole path alive wherever an id is kept. */
function detached(match: RouteMatch): RouteMatch {
  const { id, type } = match
  return {
    route: match.route,
    id: id === undefined ? undefined : ownText(id.slice(0, 256)),
    type: type === undefined ? undefined : ownText(type.slice(0, 64)),
  }
}

function compiledRoute(route: string): RouteTable | undefined {
  try {
    return compileRoutes([route])
  } catch {
    return undefined
  }
}

function setAddress(event: Event, addresses: BoundedCache<string>): void {
  const text = event['client.ip'] ?? ''
  let address = addresses.get(text)
  if (address === undefined) {
    const own = ownText(text)
    address = canonicalAddress(own) ?? ''
    addresses.set(own, address)
  }
  if (address === '') event['client.ip'] = undefined
  else event['client.ip'] = address
}

/** Host without port, brackets and trailing dot, in lower case. */
function bareHost(host: string): string {
  const bracketed = /^\[([^\]]*)\]/.exec(host)
  const bare = bracketed?.[1] ?? host.replace(/:\d{0,5}$/, '')
  return ownText(bare.replace(/\.$/, '').toLowerCase())
}

function lastFixed(route: string): string | undefined {
  const segment = route.slice(route.lastIndexOf('/') + 1)
  return segment === '' || segment.includes('{') ? undefined : ownText(segment.slice(0, 64))
}

function keptQuery(query: string, names: ReadonlySet<string>): string {
  const kept = new URLSearchParams()
  for (const [name, value] of queryParameters(query))
    if (names.has(name)) kept.append(name, value.slice(0, 256))
  const text = kept.toString()
  return text === '' ? '' : `?${text}`
}
