import { createHash } from 'node:crypto'
import { createLocalJWKSet, errors, type JWTPayload, type JWTVerifyOptions, jwtVerify } from 'jose'
import type { Clock } from '../core/ports/clock.ts'
import { type JwksSource, readJwks } from './read-jwks.ts'

export interface BearerOptions {
  readonly jwks: JwksSource
  readonly issuer?: string | string[]
  readonly audience?: string | string[]
  /** Only these signature algorithms; the default leaves out shared secrets. */
  readonly algorithms?: string[]
  readonly refreshMs?: number
  /** Told why keys could not be loaded; those loaded before stay in use. */
  readonly onProblem: (message: string) => void
}

const asymmetric = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA']
const tokenCharsMax = 8192
const cacheSizeMax = 4096
const clockToleranceS = 30
/** A token with an unknown key asks for fresh keys, but a flood of them must not become a flood at the issuer. */
const earlyRefreshMsMin = 10_000

/**
 * Verifies bearer tokens (RFC 6750, RFC 7519) where the gateway doesn't. Keys are loaded at start and in the
 * background: a request never waits for them, and without them a token proves nothing.
 */
export class BearerVerifier {
  readonly #options: BearerOptions
  readonly #clock: Clock
  readonly #timer: NodeJS.Timeout
  readonly #cache = new Map<string, JWTPayload>()
  #keys: ReturnType<typeof createLocalJWKSet> | undefined
  #refreshedAt = Number.NEGATIVE_INFINITY

  private constructor(options: BearerOptions, clock: Clock) {
    this.#options = options
    this.#clock = clock
    this.#timer = setInterval(() => void this.#refresh(), options.refreshMs ?? 300_000).unref()
  }

  /** Resolves when the first attempt to load the keys has ended, well or not. */
  static async start(options: BearerOptions, clock: Clock): Promise<BearerVerifier> {
    const verifier = new BearerVerifier(options, clock)
    await verifier.#refresh()
    return verifier
  }

  /** The claims of a valid token in the value of an `Authorization` header; else `undefined`, whatever the reason. */
  async verify(authorization: string | undefined): Promise<JWTPayload | undefined> {
    const token = /^Bearer +([\w.~+/-]+=*) *$/i.exec(authorization?.slice(0, tokenCharsMax + 16) ?? '')?.[1]
    if (token === undefined || token.length > tokenCharsMax || !this.#keys) return undefined
    const digest = createHash('sha256').update(token).digest('base64url')
    const known = this.#cache.get(digest)
    if (known) return this.#isCurrent(known) ? known : undefined
    try {
      const { payload } = await jwtVerify(token, this.#keys, this.#verifyOptions())
      this.#remember(digest, payload)
      return payload
    } catch (error) {
      if (error instanceof errors.JWKSNoMatchingKey) this.#refreshEarly()
      return undefined
    }
  }

  close(): void {
    clearInterval(this.#timer)
  }

  #verifyOptions(): JWTVerifyOptions {
    const { issuer, audience, algorithms = asymmetric } = this.#options
    return {
      algorithms,
      clockTolerance: clockToleranceS,
      currentDate: new Date(this.#clock.now()),
      ...(issuer !== undefined && { issuer }),
      ...(audience !== undefined && { audience }),
    }
  }

  #isCurrent({ exp }: JWTPayload): boolean {
    return exp === undefined || this.#clock.now() / 1000 < exp + clockToleranceS
  }

  #remember(digest: string, payload: JWTPayload): void {
    const oldest = this.#cache.size >= cacheSizeMax ? this.#cache.keys().next().value : undefined
    if (oldest !== undefined) this.#cache.delete(oldest)
    this.#cache.set(digest, payload)
  }

  #refreshEarly(): void {
    if (performance.now() - this.#refreshedAt > earlyRefreshMsMin) void this.#refresh()
  }

  async #refresh(): Promise<void> {
    this.#refreshedAt = performance.now()
    try {
      this.#keys = createLocalJWKSet(await readJwks(this.#options.jwks))
      // A key that was withdrawn must not live on in what it signed.
      this.#cache.clear()
    } catch (error) {
      this.#options.onProblem(`no fresh keys to verify tokens with: ${(error as Error).message}`)
    }
  }
}
