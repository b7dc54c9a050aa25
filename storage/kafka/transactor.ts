import type { Kafka, Producer, RecordMetadata, TopicMessages } from 'kafkajs'
import { inRequests } from './in-requests.ts'
import { rememberCoordinators } from './remembered-coordinators.ts'
import { sendOffsets } from './send-offsets.ts'

/** Where a consumer group has read a partition to, with a text of ours beside it. */
export interface GroupOffset {
  readonly group: string
  readonly topic: string
  readonly partition: number
  readonly offset: number
  /** At most 4 KB, which brokers allow by default. */
  readonly metadata?: string
}

/** What one transaction writes; each message names its partition. It needs a message: one that only moves offsets fails now and then. */
export interface Transacted {
  readonly messages: readonly TopicMessages[]
  readonly offsets?: readonly GroupOffset[]
}

/** kafkajs sleeps 300 ms on CONCURRENT_TRANSACTIONS by default, which most commits meet. */
const retry = { initialRetryTime: 10, multiplier: 1.5, maxRetryTime: 1000, retries: 40 }

/** Another process has taken over what this one wrote: nothing more can be written under this id. */
export class FencedError extends Error {
  override readonly name = 'FencedError'
}

/**
 * The only writer under a transactional id. Opening it ends an open transaction of whoever had the id before, and lets
 * nothing of theirs through any more, however long they slept. After a failure what was committed is unknown: close it,
 * open another and read what is there.
 */
export class Transactor {
  readonly id: string
  readonly #producer: Producer

  private constructor(id: string, producer: Producer) {
    this.id = id
    this.#producer = producer
  }

  /** Fences predecessors. An open transaction of a dead process holds readers up for at most `timeoutMs`. */
  static async open(kafka: Kafka, id: string, timeoutMs: number): Promise<Transactor> {
    rememberCoordinators()
    const producer = kafka.producer({
      transactionalId: id,
      idempotent: true,
      maxInFlightRequests: 1,
      transactionTimeout: timeoutMs,
      allowAutoTopicCreation: false,
      retry,
    })
    try {
      await producer.connect()
      // kafkajs takes the id when the first transaction begins; an empty one costs no request to end.
      const first = await producer.transaction()
      await first.abort()
      return new Transactor(id, producer)
    } catch (error) {
      await producer.disconnect().catch(() => {})
      throw fencedOr(error, id)
    }
  }

  /** Commits all of it or nothing; tells where the messages went. One at a time. Throws `FencedError`, or what kafkajs does. */
  async commit({ messages, offsets = [] }: Transacted): Promise<RecordMetadata[]> {
    try {
      const transaction = await this.#producer.transaction()
      try {
        const written: RecordMetadata[] = []
        for (const topicMessages of inRequests(messages)) {
          written.push(...(await transaction.sendBatch({ topicMessages, acks: -1 })))
        }
        for (const { group, topic, partition, offset, metadata = '' } of offsets) {
          // The types of kafkajs leave out the metadata, which it sends.
          const partitions = [{ partition, offset: String(offset), metadata }]
          await sendOffsets(transaction, { consumerGroupId: group, topics: [{ topic, partitions }] })
        }
        await transaction.commit()
        return written
      } catch (error) {
        // Readers are held up by what is open; a broker that is away ends it by itself.
        if (transaction.isActive()) await transaction.abort().catch(() => {})
        throw error
      }
    } catch (error) {
      throw fencedOr(error, this.id)
    }
  }

  async close(): Promise<void> {
    await this.#producer.disconnect().catch(() => {})
  }
}

/** INVALID_PRODUCER_EPOCH, INVALID_PRODUCER_ID_MAPPING, PRODUCER_FENCED: protocol guide, error codes 47, 49, 90. */
const fencedCodes: ReadonlySet<unknown> = new Set([47, 49, 90])

function fencedOr(error: unknown, id: string): unknown {
  for (let at = error; at instanceof Error; at = at.cause) {
    if ('code' in at && fencedCodes.has(at.code))
      return new FencedError(`${id}: another process has taken over`, { cause: error })
  }
  return error
}
