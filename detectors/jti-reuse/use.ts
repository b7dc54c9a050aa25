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
const refusals = new Set([401, 407, 429])

export function useOf(event: Fields, config: Config): Use {
  const { status } = event
  const outcome = event['auth.outcome']
  if (event['token.error'] !== undefined || event.enforced_by !== undefined) return 'refused'
  if (outcome === 'failure' || (status !== undefined && refusals.has(status))) return 'refused'
  if (outcome === 'logout') return status !== undefined && status >= 400 ? 'seen' : 'logout'
  const segment = lastSegment(event.path ?? event.route)
  if (outcome === undefined && config.logout_routes.includes(segment) && endsSession(event)) return 'logout'
  if (outcome === 'success') return 'login'
  if (outcome !== undefined || event.kind === 'auth' || config.auth_routes.includes(segment)) return 'auth'
  const accepted = status === undefined || (status >= 200 && status < 300) || status === 304
  return accepted ? 'accepted' : 'seen'
}

/** A page at `/logout` that only asks is a GET answered with 200. */
function endsSession({ method, status = 0 }: Fields): boolean {
  if (status < 200 || status >= 400) return false
  return method === 'GET' || method === 'HEAD' ? status >= 300 : method !== 'OPTIONS'
}

function lastSegment(path: string | undefined): string {
  if (path === undefined) return ''
  const query = path.indexOf('?')
  let end = query < 0 ? path.length : query
  while (end > 0 && path.charCodeAt(end - 1) === slash) end--
  return path.slice(path.lastIndexOf('/', end - 1) + 1, end).toLowerCase()
}
