import { canonicalId } from '../../core/entity/canonical-id.ts'
import { memoise } from '../../core/entity/memoise.ts'
import type { EventView } from '../../core/event/event.ts'
import type { Config } from './config.ts'
import { loginRoutesOf } from './login-route.ts'

export const attemptReads = [
  'time',
  'kind',
  'vantage',
  'method',
  'route',
  'path',
  'service',
  'status',
  'client.ip',
  'client.ja4',
  'auth.outcome',
  'auth.account',
  'auth.reason',
] as const
type AttemptEvent = EventView<(typeof attemptReads)[number]>

/** One try to log in, as one side saw it. */
export interface Attempt {
  readonly time: number
  readonly failed: boolean
  readonly view: 'edge' | 'service'
  /** Pseudonym; `undefined` where the log has no names. */
  readonly account: string | undefined
  /** Canonical id of the address, IPv6 as /64. */
  readonly address: string | undefined
  readonly network: string | undefined
  readonly fingerprint: string | undefined
  readonly route: string
}

/** Names of the outcome that tell of the service, not of the credentials: such a try proves nothing. */
const outage =
  /internal|time[d_ -]*out|unavailable|exception|upstream|maintenance|outage|backend|database|server.?error/i
const failureStatuses = new Set([400, 401, 403, 422, 429])
const successStatuses = new Set([200, 201, 202, 204, 302, 303])
const reading = new Set(['GET', 'HEAD', 'OPTIONS'])
const isReading = memoise((method) => reading.has(method.toUpperCase()))

/** The try that an event tells of; `undefined` for all other traffic. */
export function attemptOf(event: AttemptEvent, config: Config): Attempt | undefined {
  const failed = failedOf(event, config)
  if (failed === undefined) return undefined
  const ip = event['client.ip']
  const address = canonicalId('ip', ip)
  const network = canonicalId('network', ip)
  const { allow } = config
  if (address !== undefined && allow.ips.includes(address)) return undefined
  if (network !== undefined && allow.networks.includes(network)) return undefined
  return {
    time: event.time,
    failed,
    view: event.vantage === 'service' ? 'service' : 'edge',
    account: event['auth.account'] || undefined,
    address,
    network,
    fingerprint: canonicalId('fingerprint', event['client.ja4']),
    route: canonicalId('route', withoutQuery(event.route ?? event.path)) ?? event.service ?? 'auth',
  }
}

/** True for a failure, false for a success, `undefined` for what is neither. */
function failedOf(event: AttemptEvent, config: Config): boolean | undefined {
  const { status, 'auth.outcome': outcome } = event
  const serverError = status !== undefined && status >= 500
  if (outcome === 'logout') return undefined
  const named = event['auth.account'] !== undefined
  if (outcome !== undefined && (named || event.kind === 'auth' || isLoginRoute(event, config))) {
    if (outcome !== 'failure') return false
    return serverError || outage.test(event['auth.reason'] ?? '') ? undefined : true
  }
  if (outcome !== undefined || status === undefined) return undefined
  // A GET shows the form or asks who is logged in.
  if (event.method !== undefined && isReading(event.method)) return undefined
  if (!isLoginRoute(event, config)) return undefined
  if (failureStatuses.has(status)) return true
  if (!successStatuses.has(status)) return undefined
  const routes = loginRoutesOf(config)
  return status === 200 && (routes.isForm(event.path ?? '') || routes.isForm(event.route ?? ''))
}

function isLoginRoute(event: AttemptEvent, config: Config): boolean {
  const routes = loginRoutesOf(config)
  return routes.isLogin(event.path ?? '') || routes.isLogin(event.route ?? '')
}

function withoutQuery(text: string | undefined): string | undefined {
  return text?.split(/[?#;]/, 1)[0]
}
