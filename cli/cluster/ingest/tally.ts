/** What a process has read since its start. */
export interface IngestTally {
  events: number
  refused: number
}
