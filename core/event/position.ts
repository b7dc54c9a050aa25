/**
 * Where an event came from. It is the event's identity: the same position is the same event, and two
 * events with equal content at two positions are two events.
 */
export interface Position {
  /** The configured source, such as `gateway` or `file:/var/log/nginx/access.log`. */
  readonly source: string
  /** Kafka partition as `topic:partition`, file identity, or what is sent (`events`, `logs`). */
  readonly partition: string
  /** Kafka offset, byte offset in the (decompressed) file, or number of what was sent. Below 2^53. */
  readonly offset: number
}

/** The reader's next offset of every partition, keyed by `partitionKey`. */
export type Positions = ReadonlyMap<string, number>

/** One key for a partition of a source. */
export function partitionKey(source: string, partition: string): string {
  return `${source}\u0000${partition}`
}

/** `source:partition:offset`, as error messages and dead letters show it. */
export function formatPosition(position: Position): string {
  return `${position.source}:${position.partition}:${position.offset}`
}
