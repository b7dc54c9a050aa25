import type { Event, EventView } from './event.ts'
import { type EventField, eventFieldNames } from './event-fields.ts'

const numbers = new Map<EventField, number>(eventFieldNames.map((name, number) => [name, number]))

/** The number of a field, for `EventRecord.set`: its place in the documented order. */
export function fieldNumber(field: EventField): number {
  return numbers.get(field) as number
}

/** Hints are below it, see `EventRecord.hints`. */
export const hintsMax = 2 ** 18

/**
 * An event that is filled again and again. It owns every field from the start, so all events have one shape and a
 * field is read and written at a fixed place; whoever keeps an event beyond its batch copies it (`{ ...event }`).
 */
export class EventRecord implements Event {
  time = Number.NaN
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
  readonly #hints = new Int32Array(eventFieldNames.length)

  /**
   * Numbers that a decoder gave to the texts of this event, by `fieldNumber`: the same number each time the same text comes
   * in the same field (or one of two), and of all texts that are remembered at a time no two have the same. They are small
   * (below `hintsMax`, given out from 1 on, and again once their texts are forgotten), so they can index an array. A hint and no
   * more: 0 means none, fields that were not remembered have 0 or the number of an earlier event, another decoder gives the
   * same numbers to other texts. So whoever finds something by a number compares the field's text with the one that it was
   * kept for. No part of the event: copies and JSON go without.
   */
  get hints(): Int32Array {
    return this.#hints
  }

  /** Forgets all fields. */
  clear(): void {
    this.time = Number.NaN
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

  /**
   * Sets the field of that number to a value of the field's type. Each store is written out, because a store to a
   * computed name looks the name up for every event.
   */
  set(number: number, value: unknown): void {
    // biome-ignore format: a line a field
    switch (number) {
      case 0: this.time = value as never; return
      case 1: this.received = value as never; return
      case 2: this.id = value as never; return
      case 3: this.kind = value as never; return
      case 4: this.vantage = value as never; return
      case 5: this.gateway = value as never; return
      case 6: this.service = value as never; return
      case 7: this.caller = value as never; return
      case 8: this.trace = value as never; return
      case 9: this.method = value as never; return
      case 10: this.host = value as never; return
      case 11: this.route = value as never; return
      case 12: this.path = value as never; return
      case 13: this.version = value as never; return
      case 14: this.status = value as never; return
      case 15: this.latency_ms = value as never; return
      case 16: this.bytes_in = value as never; return
      case 17: this.bytes_out = value as never; return
      case 18: this.records_out = value as never; return
      case 19: this['client.ip'] = value as never; return
      case 20: this['client.id'] = value as never; return
      case 21: this['client.user_agent'] = value as never; return
      case 22: this['client.ja4'] = value as never; return
      case 23: this['client.asn'] = value as never; return
      case 24: this['client.country'] = value as never; return
      case 25: this['principal.id'] = value as never; return
      case 26: this['principal.tenant'] = value as never; return
      case 27: this['principal.roles'] = value as never; return
      case 28: this['key.id'] = value as never; return
      case 29: this['session.id'] = value as never; return
      case 30: this['token.jti'] = value as never; return
      case 31: this['token.iss'] = value as never; return
      case 32: this['token.aud'] = value as never; return
      case 33: this['token.iat'] = value as never; return
      case 34: this['token.exp'] = value as never; return
      case 35: this['token.kid'] = value as never; return
      case 36: this['token.error'] = value as never; return
      case 37: this['object.type'] = value as never; return
      case 38: this['object.id'] = value as never; return
      case 39: this['object.tenant'] = value as never; return
      case 40: this['auth.outcome'] = value as never; return
      case 41: this['auth.account'] = value as never; return
      case 42: this['auth.reason'] = value as never; return
      case 43: this['policy.id'] = value as never; return
      case 44: this['policy.decision'] = value as never; return
      case 45: this['policy.reason'] = value as never; return
      case 46: this['schema.errors'] = value as never; return
      case 47: this['schema.unknown_fields'] = value as never; return
      case 48: this['graphql.operation'] = value as never; return
      case 49: this['graphql.introspection'] = value as never; return
      case 50: this['graphql.depth'] = value as never; return
      case 51: this['graphql.cost'] = value as never; return
      case 52: this['webhook.provider'] = value as never; return
      case 53: this['webhook.id'] = value as never; return
      case 54: this['webhook.timestamp'] = value as never; return
      case 55: this['webhook.signature'] = value as never; return
      case 56: this['data.classes'] = value as never; return
      case 57: this.enforced_by = value as never; return
    }
  }
}

/** Says nothing of any field. */
export const noHints: Int32Array = new Int32Array(eventFieldNames.length)

/** The hints of an event, whoever made it. */
export function hintsOf(event: EventView): Int32Array {
  return event instanceof EventRecord ? event.hints : noHints
}
