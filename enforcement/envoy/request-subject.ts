import { type Subject, subjectOf } from '../../core/decision/subject.ts'
import type { BearerVerifier } from '../bearer-verifier.ts'
import type { CheckRequest, ProtoValue } from './authorization-service.ts'
import { clientAddress } from './client-address.ts'

/** How a request shows who sends it. Everything defaults to what Envoy authenticated itself. */
export interface IdentityOptions {
  /**
   * Which address is the client's: 0 is the peer of Envoy's connection, n the n-th entry of X-Forwarded-For from the
   * right. Envoy appends its peer first when `use_remote_address` is on, so n is `xff_num_trusted_hops` + 1.
   */
  readonly trustedHops?: number
  /** `payload_in_metadata` of Envoy's jwt_authn provider. */
  readonly payloadKey?: string
  /** Names of claims; for the client the first that is there. */
  readonly claims?: {
    readonly principal?: string
    readonly client?: readonly string[]
    readonly session?: string
    readonly tenant?: string
  }
  /** Headers that the gateway sets after it authenticated, and strips when a client sends them. Lower case. */
  readonly keyHeader?: string
  readonly fingerprintHeader?: string
  /** For tokens that Envoy didn't verify; without it they prove nothing. */
  readonly bearer?: BearerVerifier
  /** The route id as ingest derives it, for decisions about routes. */
  readonly routeOf?: (method: string, path: string) => string | undefined
  /** The pseudonym of a principal, where ingest stores those. */
  readonly principalOf?: (principal: string) => string
}

type Claims = (name: string) => unknown

const jwtAuthn = 'envoy.filters.http.jwt_authn'
const noClaims: Claims = () => undefined

/** Who sends the request, as far as the gateway or Picket authenticated it. Nothing that a client merely says. */
export async function requestSubject(request: CheckRequest, options: IdentityOptions): Promise<Subject> {
  const { method = '', path = '', headers = {} } = request.attributes?.request?.http ?? {}
  const claims = gatewayClaims(request, options) ?? (await bearerClaims(headers, options)) ?? noClaims
  const {
    principal = 'sub',
    client = ['azp', 'client_id'],
    session = 'sid',
    tenant = 'tenant',
  } = options.claims ?? {}
  const principalText = text(claims(principal))
  return subjectOf({
    ip: clientAddress(request, options.trustedHops ?? 0),
    principal:
      principalText === undefined ? undefined : (options.principalOf?.(principalText) ?? principalText),
    client: client.map((name) => text(claims(name))).find((id) => id !== undefined),
    session: text(claims(session)),
    tenant: text(claims(tenant)),
    jti: text(claims('jti')),
    iss: text(claims('iss')),
    iat: instant(claims('iat')),
    key: options.keyHeader === undefined ? undefined : headers[options.keyHeader],
    fingerprint: options.fingerprintHeader === undefined ? undefined : headers[options.fingerprintHeader],
    route: options.routeOf?.(method, path),
  })
}

/** The verified payload that jwt_authn left in the dynamic metadata, which no client can write to. */
function gatewayClaims(
  request: CheckRequest,
  { payloadKey = 'jwt_payload' }: IdentityOptions,
): Claims | undefined {
  const metadata = request.attributes?.metadata_context?.filter_metadata?.[jwtAuthn]
  const payload = metadata?.fields?.[payloadKey]?.structValue?.fields
  return payload && ((name) => (Object.hasOwn(payload, name) ? scalar(payload[name]) : undefined))
}

async function bearerClaims(
  headers: Readonly<Record<string, string>>,
  { bearer }: IdentityOptions,
): Promise<Claims | undefined> {
  const payload = await bearer?.verify(headers.authorization)
  return payload && ((name) => (Object.hasOwn(payload, name) ? payload[name] : undefined))
}

function scalar(value: ProtoValue | undefined): unknown {
  return value?.stringValue ?? value?.numberValue
}

/** Some issuers write numeric ids as numbers, though RFC 7519 asks for text. */
function text(value: unknown): string | undefined {
  if (typeof value === 'string' && value !== '') return value
  return Number.isSafeInteger(value) ? String(value) : undefined
}

/** Epoch milliseconds of a NumericDate (RFC 7519 section 2: seconds); milliseconds by mistake are recognised. */
function instant(value: unknown): number | undefined {
  if (typeof value !== 'number' || !Number.isFinite(value)) return undefined
  return value < 1e11 ? value * 1000 : value
}
