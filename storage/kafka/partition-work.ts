import type { KafkaMessage } from 'kafkajs'

/** Committed messages of one partition, in order. */
export interface PartitionBatch {
  readonly topic: string
  readonly partition: number
  /** None where there were only the marks of transactions. */
  readonly messages: readonly KafkaMessage[]
  /** Offset to read on from. */
  readonly next: number
  /** Where the partition ended when this was fetched: offset behind the last record. */
  readonly high: number
}

/** Partitions that belong together in one process: one of an input topic, or the same one of several topics. */
export interface Place {
  readonly id: string
  readonly partitions: readonly { readonly topic: string; readonly partition: number }[]
}

/**
 * What a process does with partitions while they are its own. All it knows it has read, so it may be dropped at any
 * moment, and opened again here or elsewhere.
 */
export interface PartitionWork {
  /** What it waits for before it does its work, or why it can't, for a person; absent while it works. */
  readonly notReady?: string | undefined
  /** Where to read on, by topic; those that are absent are left alone for now. Asked after each change. */
  readonly reading: ReadonlyMap<string, number>
  /** Takes a batch; no further one of the same partition comes before it resolves. */
  take(batch: PartitionBatch): Promise<void>
  /** Called some fifty times a second. */
  tick(): void
  /** The partitions are no longer its own, or the process ends: commits nothing any more. */
  close(): Promise<void>
}

/** Where a place of this process stands, for whoever asks. */
export interface PlaceReport {
  readonly id: string
  /** What it waits for, or why it failed and begins anew; absent while it works. */
  readonly notReady?: string
  /** Messages that wait in each partition that it reads. */
  readonly lag: readonly { readonly topic: string; readonly partition: number; readonly messages: number }[]
}

/** A member of a group, and the places that it was given. */
export interface GroupReport {
  readonly hasJoined: boolean
  readonly places: readonly PlaceReport[]
}

export interface WorkOptions {
  readonly place: Place
  /** What it did may be lost: it is closed, and opened anew from what was committed. */
  readonly fail: (error: unknown) => void
}
