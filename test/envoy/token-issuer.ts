import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose'

export interface TokenIssuer {
  /** The public keys, as JSON text. */
  readonly jwks: string
  /** A token that Envoy accepts; `iat` and `exp` are now and in an hour unless given, in seconds. */
  sign(claims: JWTPayload): Promise<string>
}

/** An issuer of the name that examples/envoy/envoy.yaml trusts, with a key of its own. */
export async function tokenIssuer(): Promise<TokenIssuer> {
  const { publicKey, privateKey } = await generateKeyPair('RS256')
  const header = { alg: 'RS256', kid: 'test' }
  return {
    jwks: JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), ...header, use: 'sig' }] }),
    sign: (claims) => {
      const issuedAt = Math.floor(Date.now() / 1000)
      const payload = { iss: 'https://issuer.example', iat: issuedAt, exp: issuedAt + 3600, ...claims }
      return new SignJWT(payload).setProtectedHeader(header).sign(privateKey)
    },
  }
}
