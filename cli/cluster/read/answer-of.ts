import { awaitTopics } from '../../../ingest/sources/kafka/await-topics.ts'
import { brokerNames, type KafkaConnection } from '../../../ingest/sources/kafka/connection.ts'
import { connectionProblem } from '../../../ingest/sources/kafka/connection-problem.ts'
import type { OffsetRanges } from '../../../ingest/sources/kafka/topic-offsets.ts'

/** A person waits; a broker that is there answers sooner. */
const answerMsMax = 15_000
/** No further try is begun after that. */
const patienceMs = 8000
const asked = { connectTimeoutMs: 3000, requestTimeoutMs: 5000 } as const

/**
 * What the topics hold, asked once and for a person: of brokers that take connections and say nothing, too, this knows within 15 s.
 * Throws why there is no answer, with the broker and what to do, and `MissingTopics`.
 */
export async function answerOf(
  connection: KafkaConnection,
  topics: readonly string[],
): Promise<OffsetRanges> {
  const signal = AbortSignal.timeout(answerMsMax)
  try {
    const options = { connection: { ...connection, ...asked }, topics, patienceMs, onAway: () => {}, signal }
    const ranges = await awaitTopics(options)
    if (ranges) return ranges
  } catch (error) {
    const problem = connectionProblem(error, connection)
    throw problem ? new Error(problem.message, { cause: error }) : error
  }
  throw new Error(
    `Kafka at ${brokerNames(connection)} gives no answer within ${answerMsMax / 1000} s: see whether its process is stopped or overloaded`,
  )
}
