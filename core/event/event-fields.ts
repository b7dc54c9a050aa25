/** How a field's value is held: instants are epoch milliseconds, `texts` a list of strings. */
export type FieldType = 'text' | 'number' | 'instant' | 'texts' | 'boolean'

function field<T extends FieldType>(type: T, describe: string, oneOf?: readonly string[]) {
  return { type, describe, ...(oneOf ? { oneOf } : {}) } as const
}

/** What an event tells about; `finding` is a final finding that re-enters for a later stage. */
export const eventKinds = [
  'http',
  'auth',
  'token',
  'webhook',
  'graphql',
  'policy',
  'change',
  'egress',
  'finding',
] as const
export type EventKind = (typeof eventKinds)[number]

/**
 * Every field of an event in canonical form: its type and meaning. `docs/events.md`, the decoders and the
 * `reads` of detectors all come from this one table. Names follow OCSF and OpenTelemetry where these have one.
 */
export const eventFields = {
  time: field('instant', 'When it happened, by the clock of whoever saw it. The only required field.'),
  received: field('instant', 'When the first collector received it; bounds how far `time` may lie ahead.'),
  id: field('text', 'The request or event id given by the gateway or service.'),
  kind: field('text', 'What the event tells about; `http` when absent.', eventKinds),
  vantage: field('text', 'Who saw it: the gateway at the edge, or the service itself.', ['edge', 'service']),
  gateway: field('text', 'Name of the gateway that saw it.'),
  service: field('text', 'Name of the service that saw or served it.'),
  caller: field('text', 'Name of the calling service, for traffic between services.'),
  trace: field('text', 'W3C trace id that joins the views of one request.'),
  method: field('text', 'HTTP method, upper case.'),
  host: field('text', 'Host that the client asked for, without port.'),
  route: field('text', 'Path template such as `/orders/{id}`; derived from `path` when absent.'),
  path: field('text', 'Request path; the query is kept only for allowlisted names.'),
  version: field('text', 'API version served.'),
  status: field('number', 'HTTP status code answered.'),
  latency_ms: field('number', 'Time to answer, milliseconds.'),
  bytes_in: field('number', 'Request size, bytes.'),
  bytes_out: field('number', 'Response size, bytes.'),
  records_out: field('number', 'Records returned.'),
  'client.ip': field('text', 'Address of the client by the hop that we trust; RFC 5952 text, no port.'),
  'client.id': field('text', 'OAuth client or application id.'),
  'client.user_agent': field('text', 'User agent, as sent.'),
  'client.ja4': field('text', 'JA4 (or JA3) fingerprint of the TLS client hello.'),
  'client.asn': field('number', 'Autonomous system number of the address.'),
  'client.country': field('text', 'ISO 3166 alpha-2 country of the address.'),
  'principal.id': field('text', 'Authenticated user or service account.'),
  'principal.tenant': field('text', 'Tenant of the principal.'),
  'principal.roles': field('texts', 'Roles of the principal.'),
  'key.id': field('text', 'Id of the API key; never the key.'),
  'session.id': field('text', 'Session id, hashed by the sender.'),
  'token.jti': field('text', 'RFC 7519 section 4.1.7 token id.'),
  'token.iss': field('text', 'RFC 7519 section 4.1.1 issuer.'),
  'token.aud': field('texts', 'RFC 7519 section 4.1.3 audience, always a list.'),
  'token.iat': field('instant', 'RFC 7519 section 4.1.6 issued at.'),
  'token.exp': field('instant', 'RFC 7519 section 4.1.4 expiry.'),
  'token.kid': field('text', 'Id of the key that signed the token.'),
  'token.error': field('text', 'Why the verifier refused the token.'),
  'object.type': field('text', 'Kind of the object asked for, such as `order`.'),
  'object.id': field('text', 'Id of the object asked for, in its source text.'),
  'object.tenant': field('text', 'Tenant that owns the object.'),
  'auth.outcome': field('text', 'Outcome of a log-in or log-out.', [
    'success',
    'failure',
    'challenge',
    'logout',
  ]),
  'auth.account': field('text', 'Account tried; pseudonymous (`k1:`) once ingested.'),
  'auth.reason': field('text', 'Why it failed, in the words of the service.'),
  'policy.id': field('text', 'Policy that decided.'),
  'policy.decision': field('text', 'What the policy decided.'),
  'policy.reason': field('text', 'Why the policy decided so.'),
  'schema.errors': field('number', 'Schema violations in the request.'),
  'schema.unknown_fields': field('number', 'Fields that the schema does not know.'),
  'graphql.operation': field('text', 'GraphQL operation name.'),
  'graphql.introspection': field('boolean', 'The operation asks for the schema.'),
  'graphql.depth': field('number', 'Depth of the selection.'),
  'graphql.cost': field('number', 'Cost by the server’s own analysis.'),
  'webhook.provider': field('text', 'Who claims to send the webhook.'),
  'webhook.id': field('text', 'Delivery or event id given by the sender.'),
  'webhook.timestamp': field('instant', 'Time that the sender signed.'),
  'webhook.signature': field('text', 'Outcome of the signature check.', ['valid', 'invalid', 'missing']),
  'data.classes': field('texts', 'Classes of data in the answer, such as `pii`.'),
  enforced_by: field('text', 'Picket decision that caused this answer, marked by a trusted gateway.'),
} as const

export type EventField = keyof typeof eventFields

/** All field names, in documented order. */
export const eventFieldNames = Object.keys(eventFields) as readonly EventField[]
