import type { Positions } from '../event/position.ts'
import type { Mark } from './state-store.ts'

/** One record as it was read, before any decoding: the bytes from `start` to before `end`. */
export interface RawRecord {
  /** Often those of a whole batch. Valid, and not changed, until the next batch is asked for. */
  readonly bytes: Uint8Array
  readonly start: number
  readonly end: number
  readonly offset: number
  /** When the first collector received it, where the transport knows: epoch milliseconds. */
  readonly received?: number
  /** The record was longer than the limit, and only its start is here. */
  readonly truncated?: boolean
}

/** The bytes of a record alone: a view, valid as long as the record is. */
export function recordBytes({ bytes, start, end }: RawRecord): Uint8Array {
  return bytes.subarray(start, end)
}

/** Records of a partition that nobody can read any more: `from` to before `to`. */
export interface LostRange {
  readonly from: number
  readonly to: number
  /** In words, for a person. */
  readonly why: string
}

/** How many records a partition still has behind what was read of it. */
export interface Backlog {
  readonly partition: string
  readonly records: number
}

/** How many records of a batch are events, and how many went to the dead letters. */
export interface DecodedCounts {
  readonly accepted: number
  readonly refused: number
}

/** What a source yields: records of one partition in its order, or news about the partition. */
export type SourceBatch =
  | {
      readonly kind: 'records'
      readonly partition: string
      readonly records: readonly RawRecord[]
      /** Offset to resume from once every record of the batch is durable. */
      readonly next: number
      /** What of the partition before `next` will never come. Told in the commit that moves the position past it. */
      readonly lost?: readonly LostRange[]
      /** Told once what became of the records. The marks that it returns commit in one transaction with `next`. */
      readonly decoded?: (counts: DecodedCounts) => readonly Mark[]
    }
  /** The partition exists and holds the watermark back from now on. Sent before its first records. */
  | { readonly kind: 'opened'; readonly partition: string }
  /** No record for the idle time: the partition no longer holds the watermark back. */
  | { readonly kind: 'idle'; readonly partition: string }
  /** The partition has no further records, ever (end of a file, or taken away). */
  | { readonly kind: 'ended'; readonly partition: string }

/** A place that events come from: files, standard input, Kafka topics, HTTP. */
export interface Source {
  readonly id: string
  /** Records from the given positions on (absent: from the start). Ends when nothing more can come. */
  read(from: Positions, signal: AbortSignal): AsyncIterable<SourceBatch>
  /**
   * Tells the transport what is durable: senders that wait are answered, and a broker's lag metrics are right. Picket's
   * truth is its state store. Called after every commit that moved a position of the source. Never rejects.
   */
  committed?(positions: Positions): Promise<void>
  /** What waits in the transport, where it tells: one entry for each partition that is being read. */
  backlog?(): readonly Backlog[]
  /** No commit will come any more, some time after the reading ended: whoever still waits for one is sent away. */
  close?(): Promise<void>
}
