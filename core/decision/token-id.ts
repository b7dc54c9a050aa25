import { canonicalId } from '../entity/canonical-id.ts'

/**
 * The entity id of a token is its `jti` alone, and never the token itself: detectors blame what the log shows, and
 * many gateways log no issuer. RFC 7519 section 4.1.7 asks issuers for a `jti` that collides with negligible
 * probability "among values produced by different issuers as well"; where two issuers do collide, the finding's
 * evidence shows the issuers. `undefined` when there is no usable `jti`.
 */
export function tokenId(jti: string | undefined): string | undefined {
  return canonicalId('token', jti)
}
