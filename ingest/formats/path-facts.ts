import { compileRoutes, type RouteTable } from '../../core/event/route-table.ts'
import { type RouteMatch, routeTemplate } from '../../core/event/route-template.ts'
import { BoundedCache } from './bounded-cache.ts'
import { cutText, ownText } from './own-text.ts'
import { queryObjectId, queryParameters, requestTarget } from './request-target.ts'
import { bareHost } from './spelling.ts'

export interface PathOptions {
  /** Route templates, such as those of an OpenAPI document: `/orders/{id}`. */
  readonly routes?: readonly string[] | undefined
  /** Query parameters whose values are kept in `path`; all others never enter. */
  readonly query_names?: readonly string[] | undefined
}

/** The route of a request target, and the object that its path or query names. */
export interface RouteFacts {
  readonly route: string
  readonly id: string | undefined
  readonly type: string | undefined
}

/** Sender's own routes remembered in compiled form. */
const senderRoutesMax = 2048

/** Reads request targets by the options. */
export class PathReader {
  readonly #table: RouteTable | undefined
  readonly #queryNames: ReadonlySet<string>
  readonly #senderTables = new BoundedCache<RouteTable | 'none'>(senderRoutesMax)

  constructor({ routes, query_names }: PathOptions = {}) {
    this.#table = routes?.length ? compileRoutes(routes) : undefined
    this.#queryNames = new Set(query_names ?? [])
  }

  read(target: string): PathFacts {
    const { path, host, query } = requestTarget(target)
    return new PathFacts(this, {
      target,
      bare: path,
      path: path === undefined || query === undefined ? path : path + keptQuery(query, this.#queryNames),
      host: host === undefined ? undefined : bareHost(cutText(host, 256)),
      query,
    })
  }

  /** By the sender's route, which says which segment is the id; without one, or if it doesn't fit, by our own. */
  routeFacts(path: string, query: string | undefined, senderRoute: string | undefined): RouteFacts {
    const isTemplate = senderRoute !== undefined && /[{:]/.test(senderRoute)
    return routeFacts(path, query, isTemplate ? this.#senderTable(senderRoute) : this.#table)
  }

  #senderTable(route: string): RouteTable | undefined {
    let own = this.#senderTables.get(route)
    if (own === undefined) {
      own = compiledRoute(route) ?? 'none'
      this.#senderTables.set(route, own)
    }
    return own === 'none' ? this.#table : own
  }
}

interface TargetParts {
  readonly target: string
  /** Without the kept part of the query. */
  readonly bare: string | undefined
  readonly path: string | undefined
  readonly host: string | undefined
  readonly query: string | undefined
}

/**
 * What a request target tells, whatever the method (a `CONNECT` is the caller's business). It is remembered with the
 * target, so that a path that comes again costs nothing.
 */
export class PathFacts {
  readonly target: string
  /** As an event keeps it; `undefined` when the target has none. */
  readonly path: string | undefined
  /** Of an absolute target. */
  readonly host: string | undefined
  readonly #reader: PathReader
  readonly #bare: string | undefined
  readonly #query: string | undefined
  #senderRoute: string | undefined
  #facts: RouteFacts | undefined

  constructor(reader: PathReader, { target, bare, path, host, query }: TargetParts) {
    this.target = target
    this.path = path
    this.host = host
    this.#reader = reader
    this.#bare = bare
    this.#query = query
  }

  /** The last answer is remembered: a path comes with the same route each time. */
  routeFacts(senderRoute: string | undefined): RouteFacts {
    if (this.#facts === undefined || senderRoute !== this.#senderRoute) {
      this.#senderRoute = senderRoute
      this.#facts = this.#reader.routeFacts(this.#bare ?? '', this.#query, senderRoute)
    }
    return this.#facts
  }
}

function routeFacts(path: string, query: string | undefined, table: RouteTable | undefined): RouteFacts {
  const match = routeTemplate(path, table)
  const named = match.id === undefined && query !== undefined ? queryObjectId(query) : undefined
  if (!named) return detached(match)
  return { route: `${match.route}?${named.name}={id}`, id: named.id, type: lastFixed(match.route) }
}

/** The match with texts of its own: slices would keep the whole path alive wherever an id is kept. */
function detached({ route, id, type }: RouteMatch): RouteFacts {
  return {
    route,
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

function lastFixed(route: string): string | undefined {
  const segment = route.slice(route.lastIndexOf('/') + 1)
  return segment === '' || segment.includes('{') ? undefined : ownText(segment.slice(0, 64))
}

function keptQuery(query: string, names: ReadonlySet<string>): string {
  if (names.size === 0) return ''
  const kept = new URLSearchParams()
  for (const [name, value] of queryParameters(query))
    if (names.has(name)) kept.append(name, value.slice(0, 256))
  const text = kept.toString()
  return text === '' ? '' : `?${text}`
}
