import type { EventField } from '../../core/event/event-fields.ts'

/** Registered claims (RFC 7519 section 4.1) and the usual ones beside them, with the field each tells. */
export const claimFields: ReadonlyMap<string, EventField> = new Map([
  ['sub', 'principal.id'],
  ['jti', 'token.jti'],
  ['iss', 'token.iss'],
  ['aud', 'token.aud'],
  ['iat', 'token.iat'],
  ['exp', 'token.exp'],
  ['kid', 'token.kid'],
  ['azp', 'client.id'],
  ['client_id', 'client.id'],
  ['tenant', 'principal.tenant'],
  ['tenant_id', 'principal.tenant'],
  ['tid', 'principal.tenant'],
  ['roles', 'principal.roles'],
  ['sid', 'session.id'],
])
