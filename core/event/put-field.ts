import { eventFieldNames } from './event-fields.ts'
import type { EventRecord } from './event-record.ts'

/** Places of the fields in `eventFieldNames`. */
export const fieldNumbers: ReadonlyMap<string, number> = new Map(
  eventFieldNames.map((name, number) => [name, number]),
)

/**
 * Sets a field by its number to a value of the field's type. Written out, because a store under a name that is only
 * known at run time costs ten times as much. Numbers follow the order of `eventFields`; a test holds the two together.
 */
// biome-ignore lint/complexity/noExcessiveLinesPerFunction: one store for each field is the point.
export function putField(record: EventRecord, number: number, value: never): void {
  switch (number) {
    case 0:
      record.time = value
      break
    case 1:
      record.received = value
      break
    case 2:
      record.id = value
      break
    case 3:
      record.kind = value
      break
    case 4:
      record.vantage = value
      break
    case 5:
      record.gateway = value
      break
    case 6:
      record.service = value
      break
    case 7:
      record.caller = value
      break
    case 8:
      record.trace = value
      break
    case 9:
      record.method = value
      break
    case 10:
      record.host = value
      break
    case 11:
      record.route = value
      break
    case 12:
      record.path = value
      break
    case 13:
      record.version = value
      break
    case 14:
      record.status = value
      break
    case 15:
      record.latency_ms = value
      break
    case 16:
      record.bytes_in = value
      break
    case 17:
      record.bytes_out = value
      break
    case 18:
      record.records_out = value
      break
    case 19:
      record['client.ip'] = value
      break
    case 20:
      record['client.id'] = value
      break
    case 21:
      record['client.user_agent'] = value
      break
    case 22:
      record['client.ja4'] = value
      break
    case 23:
      record['client.asn'] = value
      break
    case 24:
      record['client.country'] = value
      break
    case 25:
      record['principal.id'] = value
      break
    case 26:
      record['principal.tenant'] = value
      break
    case 27:
      record['principal.roles'] = value
      break
    case 28:
      record['key.id'] = value
      break
    case 29:
      record['session.id'] = value
      break
    case 30:
      record['token.jti'] = value
      break
    case 31:
      record['token.iss'] = value
      break
    case 32:
      record['token.aud'] = value
      break
    case 33:
      record['token.iat'] = value
      break
    case 34:
      record['token.exp'] = value
      break
    case 35:
      record['token.kid'] = value
      break
    case 36:
      record['token.error'] = value
      break
    case 37:
      record['object.type'] = value
      break
    case 38:
      record['object.id'] = value
      break
    case 39:
      record['object.tenant'] = value
      break
    case 40:
      record['auth.outcome'] = value
      break
    case 41:
      record['auth.account'] = value
      break
    case 42:
      record['auth.reason'] = value
      break
    case 43:
      record['policy.id'] = value
      break
    case 44:
      record['policy.decision'] = value
      break
    case 45:
      record['policy.reason'] = value
      break
    case 46:
      record['schema.errors'] = value
      break
    case 47:
      record['schema.unknown_fields'] = value
      break
    case 48:
      record['graphql.operation'] = value
      break
    case 49:
      record['graphql.introspection'] = value
      break
    case 50:
      record['graphql.depth'] = value
      break
    case 51:
      record['graphql.cost'] = value
      break
    case 52:
      record['webhook.provider'] = value
      break
    case 53:
      record['webhook.id'] = value
      break
    case 54:
      record['webhook.timestamp'] = value
      break
    case 55:
      record['webhook.signature'] = value
      break
    case 56:
      record['data.classes'] = value
      break
    case 57:
      record.enforced_by = value
      break
  }
}
