import type { Positions } from '../../../core/event/position.ts'
import type { Backlog, Source, SourceBatch } from '../../../core/ports/source.ts'
import type { TopicChoice } from './chosen-topics.ts'
import type { KafkaConnection } from './connection.ts'
import { KafkaReading } from './kafka-reading.ts'
import type { Rdkafka } from './rdkafka/rdkafka-module.ts'

export interface KafkaSourceOptions {
  readonly id: string
  readonly connection: KafkaConnection
  /** Names, or patterns whose topics may come and go. */
  readonly topics: readonly TopicChoice[]
  /** Shares the partitions among its members. Its committed offsets are for lag metrics, never read. */
  readonly groupId: string
  /** Library that reads: kafkajs when absent. Topics, ranges and log-in are always asked with kafkajs. */
  readonly client?: 'kafkajs' | 'rdkafka'
  /** The library itself, where it is not installed beside us. */
  readonly rdkafka?: Rdkafka
  /** Where the first start begins; what appears later is read from its start. */
  readonly from?: 'earliest' | 'latest'
  /** End where the topics ended when reading began, instead of waiting for more. */
  readonly until?: 'end'
  /** Read only these, by `topic:partition`, and end; instead of `from` and `until`. What is missing of them ends it with `RangeGone`. */
  readonly ranges?: ReadonlyMap<string, KafkaRange>
  readonly idleMs?: number
  /** How often to look for topics, partitions and their ends; 10 s when absent. */
  readonly watchMs?: number
  /**
   * Take the message's timestamp as the time when it was received. Only right for topics with
   * `message.timestamp.type=LogAppendTime`; otherwise any producer sets it.
   */
  readonly trustTimestamp?: boolean
  /** For a person to know: a restart, a partition that another member took, records that are lost. */
  readonly onNotice?: (notice: string) => void
}

/** Offsets from `from` to before `to`. */
export interface KafkaRange {
  readonly from: number
  readonly to: number
}

/** Messages of Kafka topics, a partition each as `topic:partition`. Messages without a value are skipped. */
export class KafkaSource implements Source {
  readonly id: string
  readonly #options: KafkaSourceOptions
  #reading: KafkaReading | undefined

  constructor(options: KafkaSourceOptions) {
    this.id = options.id
    this.#options = options
  }

  async *read(from: Positions, signal: AbortSignal): AsyncGenerator<SourceBatch> {
    const reading = new KafkaReading(this.#options, from)
    const abandon = () => reading.handOver.abandon()
    signal.addEventListener('abort', abandon)
    if (signal.aborted) abandon()
    else reading.start()
    this.#reading = reading
    try {
      yield* reading.handOver.batches()
    } finally {
      this.#reading = undefined
      signal.removeEventListener('abort', abandon)
      await reading.close()
    }
  }

  async committed(positions: Positions): Promise<void> {
    await this.#reading?.commit(positions)
  }

  backlog(): readonly Backlog[] {
    return this.#reading?.backlog() ?? []
  }
}
