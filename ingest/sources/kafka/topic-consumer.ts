import type { LostRange } from '../../../core/ports/source.ts'

/** What both client libraries tell of a message; kafkajs writes numbers as text. */
export interface FetchedMessage {
  readonly offset: string | number
  /** Null in a tombstone, which says nothing. */
  readonly value: Uint8Array | null
  /** Epoch milliseconds, as whoever wrote it or the broker says. */
  readonly timestamp?: string | number | undefined
}

/** Messages of one partition, in order. */
export interface Fetched {
  readonly partition: string
  readonly messages: readonly FetchedMessage[]
  /** Offset that they were asked for from; beyond our position where the broker had nothing more there. */
  readonly from: number
  /** Offset behind everything that was fetched, also what is no message. */
  readonly next: number
  /** The partition's end when it was fetched. */
  readonly high: number
  /** What could not be decoded. */
  readonly unreadable: readonly LostRange[]
}

/** What a consumer asks and tells whoever reads with it. */
export interface ConsumerListener {
  /** These partitions are ours from now on, and no others. */
  assigned(partitions: readonly string[]): void
  /** Offset to read next. */
  next(partition: string): number
  /** Resolves to true once the reader has them; until then nothing more of the partition is wanted. */
  fetched(fetched: Fetched, heartbeat: () => Promise<void>): Promise<boolean>
  /** Everything before `next` is no message: markers of transactions, aborted ones. */
  passedOver(partition: string, next: number): void
  /** For a person to know; reading goes on. */
  notice(text: string): void
  /** Reading can't go on. */
  failed(error: Error): void
}

/** A member of a consumer group, by one client library or another. */
export interface TopicConsumer {
  /** Joins the group for these topics, or changes what it is joined for. Throws when it can't begin. */
  subscribe(topics: readonly string[]): Promise<void>
  /** Tells the group how far was read, for its lag. */
  commit(positions: readonly { readonly partition: string; readonly offset: number }[]): Promise<void>
  /** Leaves the group. Never rejects. */
  close(): Promise<void>
}
