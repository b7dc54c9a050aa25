/** The one source of time for response: wall time in `run`, the greatest watermark in replay and demo. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number
}
