import type { Entity } from './entity.ts'

/** The fields that tell who called. */
export interface CallerFields {
  readonly status?: number | undefined
  readonly vantage?: string | undefined
  readonly 'token.error'?: string | undefined
  readonly 'principal.id'?: string | undefined
  readonly 'key.id'?: string | undefined
  readonly 'client.id'?: string | undefined
  readonly 'client.ip'?: string | undefined
}

/** Fields to declare in `reads` for `callerOf`. */
export const callerReads = [
  'status',
  'vantage',
  'token.error',
  'principal.id',
  'key.id',
  'client.id',
  'client.ip',
] as const

/**
 * True when the answer shows that the credentials were checked and good. A 403 is: somebody known was not allowed. A
 * 401 or a token error is not, and then names in the event are only what the sender claims.
 */
export function isProven(event: Pick<CallerFields, 'status' | 'token.error'>): boolean {
  return event.status !== 401 && event['token.error'] === undefined
}

/**
 * Whom to blame for a request: principal, else key, else client, else address. A service sees the address of its
 * gateway, so there only a proven identity counts. `undefined` when nobody can be named.
 */
export function callerOf(event: CallerFields): Entity | undefined {
  if (isProven(event)) {
    if (event['principal.id']) return { kind: 'principal', id: event['principal.id'] }
    if (event['key.id']) return { kind: 'key', id: event['key.id'] }
    if (event['client.id']) return { kind: 'client', id: event['client.id'] }
  }
  if (event.vantage === 'service' || !event['client.ip']) return undefined
  return { kind: 'ip', id: event['client.ip'] }
}
