import { type EventField, eventFieldNames } from '../../../core/event/event-fields.ts'
import type { Scalar } from './attributes.ts'

/**
 * Event fields and the attributes that tell them, the first that is there: OpenTelemetry's semantic conventions 1.23
 * and newer, then the older names.
 */
const meanings: readonly (readonly [EventField, readonly string[]])[] = [
  ['id', ['log.record.uid']],
  ['service', ['service.name']],
  ['caller', ['service.peer.name', 'peer.service']],
  ['method', ['http.request.method', 'http.method']],
  ['host', ['server.address', 'http.host', 'net.host.name']],
  ['route', ['http.route']],
  ['status', ['http.response.status_code', 'http.status_code']],
  ['bytes_in', ['http.request.body.size', 'http.request_content_length']],
  ['bytes_out', ['http.response.body.size', 'http.response_content_length']],
  ['client.user_agent', ['user_agent.original', 'http.user_agent']],
  ['client.country', ['geo.country.iso_code']],
  ['client.ja4', ['tls.client.ja3']],
  ['principal.id', ['enduser.id', 'user.id']],
  ['principal.roles', ['user.roles', 'enduser.role']],
  ['session.id', ['session.id']],
  ['graphql.operation', ['graphql.operation.name']],
]

/** Of the connection: no client can choose it. */
const peerNames = ['network.peer.address', 'net.sock.peer.addr', 'net.peer.ip']
/** Libraries take it from the leftmost X-Forwarded-For, which clients write. */
const clientNames = ['client.address', 'http.client_ip']

/** Fields that an attribute of the same name tells; when it was is said by the record. */
const ownNames = eventFieldNames.filter((name) => name !== 'time' && name !== 'received')

export interface ConventionOptions {
  /** Whether `client.address` is believed; otherwise the peer of the connection is the client. */
  readonly trustsClientAddress: boolean
}

/** The attribute of that name. */
export type AttributeOf = (name: string) => Scalar | readonly Scalar[] | undefined

/** The fields of an event that the attributes tell, under their canonical names. */
export function conventionalFields(
  attributeOf: AttributeOf,
  { trustsClientAddress }: ConventionOptions,
): Record<string, Scalar | readonly Scalar[]> {
  const fields: Record<string, Scalar | readonly Scalar[]> = {}
  const take = (field: EventField, names: readonly string[]) => {
    for (const name of names) {
      const value = attributeOf(name)
      if (value === undefined) continue
      fields[field] = value
      return
    }
  }
  for (const [field, names] of meanings) take(field, names)
  take('client.ip', trustsClientAddress ? [...clientNames, ...peerNames] : peerNames)
  const path = pathOf(attributeOf)
  if (path !== undefined) fields.path = path
  const seconds = attributeOf('http.server.request.duration')
  if (typeof seconds === 'number') fields.latency_ms = seconds * 1000
  for (const name of ownNames) take(name, [name])
  return fields
}

/** With the query, of which only allowlisted names are kept later. */
function pathOf(attributeOf: AttributeOf): string | undefined {
  const text = (name: string) => {
    const value = attributeOf(name)
    return typeof value === 'string' ? value : undefined
  }
  const path = text('url.path')
  const query = text('url.query')
  if (path !== undefined) return query === undefined || query === '' ? path : `${path}?${query}`
  const target = text('http.target')
  if (target !== undefined) return target
  const full = text('url.full') ?? text('http.url')
  return full === undefined ? undefined : /^https?:\/\/[^/?#]*([^#]*)/i.exec(full)?.[1]
}
