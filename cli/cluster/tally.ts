import type { CopyTally } from './copy/tally.ts'
import type { DetectTally } from './detect/tally.ts'
import type { IngestTally } from './ingest/tally.ts'

/** What a process has done since its start. */
export interface ClusterTally extends IngestTally, DetectTally, CopyTally {}

export function newTally(): ClusterTally {
  return { events: 0, refused: 0, findings: 0, late: 0, copied: 0, skipped: 0 }
}

/** The same in words. */
export function tallyText({ events, refused, findings, late, copied }: ClusterTally): string {
  return `${events} events, ${refused} refused, ${findings} findings or changes of them, ${late} observations late, ${copied} rows copied`
}
