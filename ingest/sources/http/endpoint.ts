import type { IncomingHttpHeaders } from 'node:http'
import type { DecodedCounts, RawRecord } from '../../../core/ports/source.ts'
import type { HttpProblem } from './http-problem.ts'

export interface Answer {
  readonly contentType: string
  readonly body: string | Uint8Array
}

/** What an address takes and how it answers; everything else is the same for all of them. */
export interface Endpoint {
  /** Such as `/v1/events`. */
  readonly path: string
  /** Whether an `Idempotency-Key` is heeded. */
  readonly isKeyed: boolean
  /** Refuses by headers alone, before any of the body is read. Throws `HttpProblem`. */
  check(headers: IncomingHttpHeaders): void
  /**
   * The records of a body, their places as offsets. Throws, or rejects with, `HttpProblem` when nothing of it can be taken.
   * What takes long is cut in steps, with turns in between.
   */
  cut(body: Buffer, headers: IncomingHttpHeaders): readonly RawRecord[] | Promise<readonly RawRecord[]>
  stored(counts: DecodedCounts, headers: IncomingHttpHeaders): Answer
  refused(problem: HttpProblem, headers: IncomingHttpHeaders): Answer
}
