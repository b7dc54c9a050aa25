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
    new HttpProblem(
      503,
      'the disk of the collector is full, and nothing of this request was taken: send it again after Retry-After',
      { 'retry-after': '10' },
    ),
  stopping: () =>
    new HttpProblem(503, 'the collector stops before this is stored: send it again', {
      'retry-after': '5',
      connection: 'close',
    }),
  notDurable,
} as const

/** Why it is not known that events are durable which were read, and when to send them again, seconds. */
const unknown = {
  late: { state: 'it was read and is not durable yet', after: '5' },
  full: {
    state: 'it was read and waits until the disk of the collector has room; it is not durable yet',
    after: '30',
  },
  stopping: {
    state: 'it was read, and the collector stops before it knows whether it is durable',
    after: '5',
  },
} as const

/**
 * The events were read and nobody can take them back: they commit, unless the process ends before. A status of its own,
 * for after a 503 nothing of the request is left here.
 */
function notDurable({
  why,
  isKeyed,
}: {
  readonly why: keyof typeof unknown
  readonly isKeyed: boolean
}): HttpProblem {
  const { state, after } = unknown[why]
  const advice = isKeyed
    ? 'send it again with the same Idempotency-Key, and it is judged once'
    : 'without an Idempotency-Key its events may be judged twice when it is sent again, and be lost when it is not'
  return new HttpProblem(504, `${state}: ${advice}`, {
    'retry-after': after,
    ...(why === 'stopping' && { connection: 'close' }),
  })
}
