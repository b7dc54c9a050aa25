import type { Event } from './event.ts'

/**
 * An event that is used again for the next line: every field is there from the start, so that all records have one
 * layout, and none is made for each event. What it holds is dead once the next line is decoded into it.
 */
export class EventRecord implements Event {
  time = 0
  received: number | undefined = undefined
  id: string | undefined = undefined
  kind: string | undefined = undefined
  vantage: string | undefined = undefined
  gateway: string | undefined = undefined
  service: string | undefined = undefined
  caller: string | undefined = undefined
  trace: string | undefined = undefined
  method: string | undefined = undefined
  host: string | undefined = undefined
  route: string | undefined = undefined
  path: string | undefined = undefined
  version: string | undefined = undefined
  status: number | undefined = undefined
  latency_ms: number | undefined = undefined
  bytes_in: number | undefined = undefined
  bytes_out: number | undefined = undefined
  records_out: number | undefined = undefined
  'client.ip': string | undefined = undefined
  'client.id': string | undefined = undefined
  'client.user_agent': string | undefined = undefined
  'client.ja4': string | undefined = undefined
  'client.asn': number | undefined = undefined
  'client.country': string | undefined = undefined
  'principal.id': string | undefined = undefined
  'principal.tenant': string | undefined = undefined
  'principal.roles': readonly string[] | undefined = undefined
  'key.id': string | undefined = undefined
  'session.id': string | undefined = undefined
  'token.jti': string | undefined = undefined
  'token.iss': string | undefined = undefined
  'token.aud': readonly string[] | undefined = undefined
  'token.iat': number | undefined = undefined
  'token.exp': number | undefined = undefined
  'token.kid': string | undefined = undefined
  'token.error': string | undefined = undefined
  'object.type': string | undefined = undefined
  'object.id': string | undefined = undefined
  'object.tenant': string | undefined = undefined
  'auth.outcome': string | undefined = undefined
  'auth.account': string | undefined = undefined
  'auth.reason': string | undefined = undefined
  'policy.id': string | undefined = undefined
  'policy.decision': string | undefined = undefined
  'policy.reason': string | undefined = undefined
  'schema.errors': number | undefined = undefined
  'schema.unknown_fields': number | undefined = undefined
  'graphql.operation': string | undefined = undefined
  'graphql.introspection': boolean | undefined = undefined
  'graphql.depth': number | undefined = undefined
  'graphql.cost': number | undefined = undefined
  'webhook.provider': string | undefined = undefined
  'webhook.id': string | undefined = undefined
  'webhook.timestamp': number | undefined = undefined
  'webhook.signature': string | undefined = undefined
  'data.classes': readonly string[] | undefined = undefined
  enforced_by: string | undefined = undefined

  /** Forgets the last event. */
  clear(): void {
    this.received = undefined
    this.id = undefined
    this.kind = undefined
    this.vantage = undefined
    this.gateway = undefined
    this.service = undefined
    this.caller = undefined
    this.trace = undefined
    this.method = undefined
    this.host = undefined
    this.route = undefined
    this.path = undefined
    this.version = undefined
    this.status = undefined
    this.latency_ms = undefined
    this.bytes_in = undefined
    this.bytes_out = undefined
    this.records_out = undefined
    this['client.ip'] = undefined
    this['client.id'] = undefined
    this['client.user_agent'] = undefined
    this['client.ja4'] = undefined
    this['client.asn'] = undefined
    this['client.country'] = undefined
    this['principal.id'] = undefined
    this['principal.tenant'] = undefined
    this['principal.roles'] = undefined
    this['key.id'] = undefined
    this['session.id'] = undefined
    this['token.jti'] = undefined
    this['token.iss'] = undefined
    this['token.aud'] = undefined
    this['token.iat'] = undefined
    this['token.exp'] = undefined
    this['token.kid'] = undefined
    this['token.error'] = undefined
    this['object.type'] = undefined
    this['object.id'] = undefined
    this['object.tenant'] = undefined
    this['auth.outcome'] = undefined
    this['auth.account'] = undefined
    this['auth.reason'] = undefined
    this['policy.id'] = undefined
    this['policy.decision'] = undefined
    this['policy.reason'] = undefined
    this['schema.errors'] = undefined
    this['schema.unknown_fields'] = undefined
    this['graphql.operation'] = undefined
    this['graphql.introspection'] = undefined
    this['graphql.depth'] = undefined
    this['graphql.cost'] = undefined
    this['webhook.provider'] = undefined
    this['webhook.id'] = undefined
    this['webhook.timestamp'] = undefined
    this['webhook.signature'] = undefined
    this['data.classes'] = undefined
    this.enforced_by = undefined
  }
}
