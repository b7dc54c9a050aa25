/** What was counted of a source since the start. */
export interface SourceFacts {
  readonly name: string
  readonly records: number
  readonly accepted: number
  /** Of the accepted ones, those behind the watermark. */
  readonly late: number
  readonly refused: number
  /** It has nothing more, ever. */
  readonly isOver: boolean
}

/** What was measured at one moment. */
export interface Facts {
  /** Epoch milliseconds by the clock. */
  readonly at: number
  /** Event time up to which everything is sealed; −Infinity before the first. */
  readonly watermark: number
  /** Whether some partition holds event time back; if none does it goes with the clock. */
  readonly isReading: boolean
  readonly sources: readonly SourceFacts[]
  /** Records that wait in front of us; only where every source knows it. */
  readonly waiting?: number
}
