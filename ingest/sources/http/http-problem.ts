/** An answer other than success. The message tells the sender what to do, and never repeats a secret. */
export class HttpProblem extends Error {
  override readonly name = 'HttpProblem'
  readonly status: number
  readonly headers: Readonly<Record<string, string>>

  constructor(status: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message)
    this.status = status
    this.headers = headers
  }
}

/** Answers after which the same request may be sent again, and when (RFC 9110 section 10.2.3, seconds). */
export const tryAgain = {
  behind: () =>
    new HttpProblem(429, 'too much waits to be stored: send it again after Retry-After', {
      'retry-after': '1',
    }),
  noRoom: () =>
    new HttpProblem(503, 'the disk of the collector is full: nothing is taken until there is room', {
      'retry-after': '10',
    }),
  stopping: () =>
    new HttpProblem(503, 'the collector stops before this is stored: send it again', {
      'retry-after': '5',
      connection: 'close',
    }),
  slow: () =>
    new HttpProblem(503, 'it is not stored yet: send it again with the same Idempotency-Key', {
      'retry-after': '5',
    }),
} as const
