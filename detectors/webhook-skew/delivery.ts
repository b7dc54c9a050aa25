import { canonicalId } from '../../core/entity/canonical-id.ts'
import type { EventView } from '../../core/event/event.ts'
import { durationMs } from '../../core/time/duration.ts'
import type { Config } from './config.ts'
import { providerOfPath } from './provider-of-path.ts'

/** Fields to declare in `reads` for `deliveryOf`. */
export const deliveryReads = [
  'kind',
  'vantage',
  'service',
  'method',
  'host',
  'route',
  'path',
  'status',
  'latency_ms',
  'client.ip',
  'webhook.provider',
  'webhook.id',
  'webhook.timestamp',
  'webhook.signature',
  'enforced_by',
] as const
type DeliveryEvent = EventView<(typeof deliveryReads)[number]>

/** One webhook delivery, as far as the log tells. */
export interface Delivery {
  readonly provider: string
  readonly time: number
  /** Who sees the delivery where: the same id at another endpoint, or seen from elsewhere, is no replay. */
  readonly endpoint: string
  readonly id: string | undefined
  readonly timestamp: number | undefined
  /** Canonical sending address and its network. */
  readonly sender: string | undefined
  readonly network: string
  /** It was let in: answered 2xx or, without a status, its signature held. */
  readonly succeeded: boolean
  /** The signature check failed, and the log says so. */
  readonly forged: boolean
  /** Answered 400, 401 or 403 where the log says nothing of a signature. */
  readonly refused: boolean
  /** The signature held. */
  readonly signed: boolean
  /** Answered 4xx: the receiver would not have it. */
  readonly declined: boolean
  /** It bore no signature, and was let in. */
  readonly unsigned: boolean
  /** Let in, but so late that the provider may have given up waiting. */
  readonly late: boolean
}

/** Reads an event as a webhook delivery. Our own refusals and answers of routes that don't exist are none. */
export function deliveryOf(event: DeliveryEvent, config: Config): Delivery | undefined {
  if (event.enforced_by !== undefined) return undefined
  const { status } = event
  const id = event['webhook.id'] === '' ? undefined : event['webhook.id']
  const timestamp = event['webhook.timestamp']
  const signature = event['webhook.signature']
  const named = event['webhook.provider'] !== undefined && event['webhook.provider'] !== ''
  const told = event.kind === 'webhook' || named || id !== undefined || timestamp !== undefined || !!signature
  const path = event.path ?? event.route ?? ''
  if (!told && (event.method ?? 'POST') !== 'POST') return undefined
  if (!told && (status === 404 || status === 405 || status === 410)) return undefined
  const provider = named ? event['webhook.provider'] : providerOfPath(path, told, config.hook_segments)
  if (!provider || config.ignore_providers.includes(provider)) return undefined
  const accepted = status === undefined ? signature === 'valid' : status >= 200 && status < 300
  // A provider that never signs is let in with a missing signature: no failure.
  const forged = signature === 'invalid' || (signature === 'missing' && !accepted)
  return {
    provider,
    time: event.time,
    endpoint: endpointOf(event),
    id,
    timestamp,
    sender: canonicalId('ip', event['client.ip']),
    network: canonicalId('network', event['client.ip']) ?? '',
    succeeded: accepted && !forged,
    forged,
    refused: signature === undefined && (status === 400 || status === 401 || status === 403),
    signed: signature === 'valid',
    declined: status !== undefined && status >= 400 && status < 500 && status !== 408 && status !== 429,
    unsigned: signature === 'missing' && accepted,
    late: accepted && (event.latency_ms ?? 0) >= durationMs(config.late_answer),
  }
}

/** Two views of one request and two endpoints of a fan-out differ; two spellings of one path don't. */
function endpointOf({ vantage, service, host, route, path }: DeliveryEvent): string {
  const place = route !== undefined && !route.includes('{') ? route : (path ?? route ?? '')
  const bare = (place.split('?', 1)[0] ?? '').toLowerCase().replace(/\/+/g, '/').replace(/\/$/, '')
  return [vantage ?? '', service ?? '', (host ?? '').toLowerCase(), bare].join(' ')
}
