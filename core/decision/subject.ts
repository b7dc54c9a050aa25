import { networkId } from '../entity/canonical-address.ts'
import { canonicalId } from '../entity/canonical-id.ts'
import type { EntityKind } from '../entity/entity.ts'
import { tokenId } from './token-id.ts'

/** Kinds of entity that a request can be recognised by, and so the scopes of decisions that bind traffic. */
export const subjectScopes = [
  'ip',
  'network',
  'principal',
  'key',
  'client',
  'session',
  'fingerprint',
  'token',
  'tenant',
  'route',
] as const satisfies readonly EntityKind[]
export type SubjectScope = (typeof subjectScopes)[number]

/**
 * Who sends one request, as far as it is proven: canonical ids, made by `subjectOf`. A gateway puts in only what
 * it or Picket authenticated; what is absent is matched by nothing.
 */
export interface Subject {
  readonly ip?: string | undefined
  /** Derived from `ip` when absent. */
  readonly network?: string | undefined
  readonly principal?: string | undefined
  readonly key?: string | undefined
  readonly client?: string | undefined
  readonly session?: string | undefined
  readonly fingerprint?: string | undefined
  /** RFC 7519 section 4.1.7; the id of the token. */
  readonly jti?: string | undefined
  readonly iss?: string | undefined
  /** When the token was issued, epoch milliseconds. */
  readonly iat?: number | undefined
  readonly tenant?: string | undefined
  readonly route?: string | undefined
}

/** Makes the ids of a request canonical, as ingest does with those of events; what names nothing is left out. */
export function subjectOf(raw: Subject): Subject {
  const ip = canonicalId('ip', raw.ip)
  return {
    ip,
    network: canonicalId('network', raw.network) ?? networkOf(ip),
    principal: canonicalId('principal', raw.principal),
    key: canonicalId('key', raw.key),
    client: canonicalId('client', raw.client),
    session: canonicalId('session', raw.session),
    fingerprint: canonicalId('fingerprint', raw.fingerprint),
    jti: tokenId(raw.jti),
    iss: raw.iss,
    iat: raw.iat,
    tenant: canonicalId('tenant', raw.tenant),
    route: canonicalId('route', raw.route),
  }
}

/** The id by which decisions of a scope know the subject. */
export function subjectId(subject: Subject, scope: SubjectScope): string | undefined {
  if (scope === 'token') return subject.jti
  if (scope === 'network') return subject.network ?? networkOf(subject.ip)
  return subject[scope]
}

/** The id of an IPv6 client is its /64, which is no address until the prefix length is cut off. */
function networkOf(ip: string | undefined): string | undefined {
  return ip === undefined ? undefined : networkId(ip.endsWith('/64') ? ip.slice(0, -3) : ip)
}
