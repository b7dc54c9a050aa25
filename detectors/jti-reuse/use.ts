import { perConfig } from '../../core/detector/per-config.ts'
import type { EventView } from '../../core/event/event.ts'
import type { Config } from './config.ts'

/** Fields that tell what an event means for a token. */
export const useReads = [
  'kind',
  'vantage',
  'caller',
  'method',
  'route',
  'path',
  'status',
  'auth.outcome',
  'token.error',
  'enforced_by',
] as const
type Fields = EventView<(typeof useReads)[number]>

/**
 * `refused`: the verifier did not take the token, so nothing was used. `seen`: it was not refused, but what came of it
 * does not show that it was taken (redirects, 403, 404, 5xx). `accepted`: it opened something. `auth`: it was shown to
 * a route that takes dead tokens by design. `login` and `logout` begin and end its life.
 */
export type Use = 'refused' | 'seen' | 'accepted' | 'auth' | 'login' | 'logout'

const slash = 0x2f

/** The last path segments that a config names. */
interface Ends {
  readonly auth: ReadonlySet<string>
  readonly logout: ReadonlySet<string>
  /** 1 for each code below 128 that one of them ends with: most paths end with another. */
  readonly lastCodes: Uint8Array
}

const endsOf = perConfig(({ auth_routes, logout_routes }: Config): Ends => {
  const lastCodes = new Uint8Array(128)
  for (const segment of [...auth_routes, ...logout_routes]) {
    for (const spelled of [segment.toLowerCase(), segment.toUpperCase()]) {
      const code = spelled.charCodeAt(spelled.length - 1)
      if (code < 128) lastCodes[code] = 1
      else lastCodes.fill(1)
    }
  }
  return { auth: new Set(auth_routes), logout: new Set(logout_routes), lastCodes }
})

export function useOf(event: Fields, config: Config): Use {
  const { status } = event
  const outcome = event['auth.outcome']
  if (event['token.error'] !== undefined || event.enforced_by !== undefined) return 'refused'
  if (outcome === 'failure' || isRefusal(status)) return 'refused'
  if (outcome === 'logout') return status !== undefined && status >= 400 ? 'seen' : 'logout'
  if (outcome === 'success') return 'login'
  const ends = endsOf(config)
  const segment = lastSegment(event.path ?? event.route, ends)
  if (outcome === undefined && ends.logout.has(segment) && endsSession(event)) return 'logout'
  if (outcome !== undefined || event.kind === 'auth' || ends.auth.has(segment)) return 'auth'
  const accepted = status === undefined || (status >= 200 && status < 300) || status === 304
  return accepted ? 'accepted' : 'seen'
}

/** A page at `/logout` that only asks is a GET answered with 200. */
function endsSession({ method, status = 0 }: Fields): boolean {
  if (status < 200 || status >= 400) return false
  return method === 'GET' || method === 'HEAD' ? status >= 300 : method !== 'OPTIONS'
}

function isRefusal(status: number | undefined): boolean {
  return status === 401 || status === 407 || status === 429
}

/** In lower case; empty where it is none that a config names. */
function lastSegment(path: string | undefined, { lastCodes }: Ends): string {
  if (path === undefined) return ''
  const query = path.indexOf('?')
  let end = query < 0 ? path.length : query
  while (end > 0 && path.charCodeAt(end - 1) === slash) end--
  const last = end > 0 ? path.charCodeAt(end - 1) : slash
  if (last < 128 && lastCodes[last] === 0) return ''
  return path.slice(path.lastIndexOf('/', end - 1) + 1, end).toLowerCase()
}
