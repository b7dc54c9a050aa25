/** One request to a receiver outside. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Absolute, `https:` or `http:`. */
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  /** From the look-up of the name to the last byte of the answer. */
  readonly timeoutMs: number
}

/**
 * What came of it, told apart by what the receiver may have seen: `refused` and `unreachable` never reached it,
 * after `unknown` (timeout, connection lost) it may have acted.
 */
export type HttpResult =
  | {
      readonly kind: 'response'
      readonly status: number
      /** Names in lower case. */
      readonly headers: Readonly<Record<string, string>>
      /** At most 64 KB; the rest is dropped. */
      readonly body: string
    }
  | { readonly kind: 'refused'; readonly why: string }
  | { readonly kind: 'unreachable'; readonly why: string }
  | { readonly kind: 'unknown'; readonly why: string }

/** Outbound HTTP to allowed hosts only. Never rejects and follows no redirect. */
export interface HttpClient {
  send(request: HttpRequest, signal: AbortSignal): Promise<HttpResult>
}
