import { z } from 'zod'

const header = z
  .string()
  .regex(/^[a-z0-9-]{1,64}$/, 'must be a header name in lower case')
  .describe('Header name, lower case.')
const claim = z.string().min(1).max(64)
const oneOrMore = z.union([z.string().min(1).max(256), z.array(z.string().min(1).max(256)).min(1).max(16)])

const jwks = z
  .strictObject({
    file: z
      .string()
      .min(1)
      .max(4096)
      .optional()
      .describe('File with the key set (RFC 7517 section 5). Default: none.'),
    url: z
      .url({ protocol: /^https?$/ })
      .optional()
      .describe('URL of the key set, read again every 5 minutes. Default: none.'),
    issuer: oneOrMore
      .optional()
      .describe('Accepted `iss`. Default: any, so any token signed with these keys.'),
    audience: oneOrMore.optional().describe('Accepted `aud`. Default: any.'),
  })
  .refine(({ file, url }) => (file === undefined) !== (url === undefined), {
    error: 'needs either file or url',
    // Beside settings with mistakes too.
    when: ({ value }) => typeof value === 'object' && value !== null,
  })

/** How Picket learns who sends a request that a gateway asks about. */
export const identity = z
  .strictObject({
    payload_key: z
      .string()
      .min(1)
      .max(128)
      .default('jwt_payload')
      .describe('`payload_in_metadata` of the provider in Envoy’s jwt_authn. Default jwt_payload.'),
    claims: z
      .strictObject({
        principal: claim.default('sub').describe('Claim that names the principal. Default sub.'),
        client: z
          .array(claim)
          .min(1)
          .max(8)
          .default(['azp', 'client_id'])
          .describe(
            'Claims that name the client application; the first that is there counts. Default azp, client_id.',
          ),
        session: claim.default('sid').describe('Claim that names the session. Default sid.'),
        tenant: claim.default('tenant').describe('Claim that names the tenant. Default tenant.'),
      })
      .prefault({})
      .describe(
        'Names of claims in tokens. They must be those that ingest reads, or decisions match nobody.',
      ),
    key_header: header
      .optional()
      .describe(
        'Header with the id of the API key (never the key), set by the gateway after it authenticated, and stripped when a client sends it. Default: none, and decisions about keys bind nobody.',
      ),
    fingerprint_header: header
      .optional()
      .describe(
        'Header with the TLS fingerprint (JA4), set by the gateway and stripped when a client sends it. Default: none, and decisions about fingerprints bind nobody.',
      ),
    jwks: jwks
      .optional()
      .describe(
        'Keys to verify tokens with that the gateway does not verify. Default: such tokens prove nothing.',
      ),
  })
  .prefault({})
  .describe('Who sends a request, as far as the gateway or Picket authenticated it.')
