/** What a process has judged since its start. */
export interface DetectTally {
  /** Each change of a finding counts. */
  findings: number
  /** What collectors saw of events that came behind the watermark. */
  late: number
}
