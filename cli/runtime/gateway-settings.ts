import type { PicketConfig } from '../../config/picket-config.ts'
import type { IdentityOptions } from '../../enforcement/envoy/request-subject.ts'
import type { JwksSource } from '../../enforcement/read-jwks.ts'

/** What of the configuration tells who sends a request, in a form that can be sent to a thread. */
export interface GatewaySettings
  extends Pick<IdentityOptions, 'trustedHops' | 'payloadKey' | 'claims' | 'keyHeader' | 'fingerprintHeader'> {
  readonly routes: readonly string[]
  /** Set when events hold principals as pseudonyms. */
  readonly principalKey?: Uint8Array
  readonly jwks?: {
    readonly source: JwksSource
    readonly issuer?: string | string[]
    readonly audience?: string | string[]
  }
}

type GatewayConfig = Pick<PicketConfig, 'ingest' | 'privacy' | 'routes'>
type EnvoyConfig = NonNullable<PicketConfig['enforcement']['envoy']>

/** Settings for Envoy; `key` is the space's, for principals that events hold as pseudonyms. */
export function gatewaySettings(
  { ingest, privacy, routes }: GatewayConfig,
  { identity }: EnvoyConfig,
  key: Uint8Array,
): GatewaySettings {
  const { jwks } = identity
  const source = jwks?.file === undefined ? jwks?.url && { url: jwks.url } : { file: jwks.file }
  return {
    trustedHops: ingest.envoy.trusted_hops,
    routes,
    payloadKey: identity.payload_key,
    claims: identity.claims,
    ...(identity.key_header === undefined ? {} : { keyHeader: identity.key_header }),
    ...(identity.fingerprint_header === undefined ? {} : { fingerprintHeader: identity.fingerprint_header }),
    // A copy, because a Buffer's memory may hold more than the key.
    ...(privacy.principals ? { principalKey: Uint8Array.from(key) } : {}),
    ...(source
      ? {
          jwks: {
            source,
            ...(jwks?.issuer === undefined ? {} : { issuer: jwks.issuer }),
            ...(jwks?.audience === undefined ? {} : { audience: jwks.audience }),
          },
        }
      : {}),
  }
}
