/** What stopped the analytics store, for a caller to switch on. */
export type AnalyticsProblem =
  /** No server answers at the URL, or not in time. */
  | 'unreachable'
  /** The server refuses the user or password. */
  | 'denied'
  /** The server is older than what the schema needs, or the schema is newer than this Picket. */
  | 'version'
  /** The server is there and can take nothing for now: its disk is full, or it has too much to do. */
  | 'busy'
  /** The rows or the query were refused; sending them again changes nothing. */
  | 'refused'
  /** Embedded: the optional package `chdb` is not installed. */
  | 'missing'
  /** Embedded: another process has the data folder open. */
  | 'locked'
  /** Embedded: the engine's process ended or would not start. */
  | 'crashed'

/** A failure of the analytics store: says what, where and what to do. Holds no secret. */
export class AnalyticsError extends Error {
  override readonly name = 'AnalyticsError'
  readonly problem: AnalyticsProblem

  constructor(problem: AnalyticsProblem, message: string, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause })
    this.problem = problem
  }
}
