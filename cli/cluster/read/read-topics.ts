import kafkajs, { type KafkaMessage } from 'kafkajs'
import type { PicketConfig } from '../../../config/picket-config.ts'
import { MissingTopics } from '../../../ingest/sources/kafka/await-topics.ts'
import { registerCodecs } from '../../../ingest/sources/kafka/codecs/register-codecs.ts'
import { brokerNames, kafkajsConfig } from '../../../ingest/sources/kafka/connection.ts'
import { connectionProblem } from '../../../ingest/sources/kafka/connection-problem.ts'
import { type OffsetRanges, topicPartition } from '../../../ingest/sources/kafka/topic-offsets.ts'
import { type PartitionEnd, readToEnd } from '../../../storage/kafka/read-to-end.ts'
import { type TopicLayout, topicLayout } from '../../../storage/kafka/topic-layout.ts'
import { ExitError, exitCodes } from '../../runtime/exit.ts'
import { kafkaConnection } from '../../runtime/kafka-connection.ts'
import { answerOf } from './answer-of.ts'

type Taken = (part: keyof TopicLayout, message: KafkaMessage, partition: number) => void

/**
 * Reads topics of a configured cluster: what is committed, up to where they end at the call. `take` may throw for a message,
 * which `onProblem` hears of then.
 *
 * @throws ExitError when Kafka can't be reached (`failed`), or has no such topics (`refused`)
 */
export async function readTopics(
  config: Pick<PicketConfig, 'sources' | 'cluster'>,
  parts: readonly (keyof TopicLayout)[],
  take: Taken,
  onProblem: (problem: string) => void,
): Promise<void> {
  const source = config.sources.find(({ type }) => type === 'kafka')
  if (config.cluster === undefined || source?.type !== 'kafka')
    throw new Error('a cluster needs `cluster` and a source of type kafka in picket.yaml')
  const { prefix } = config.cluster
  const connection = kafkaConnection(source)
  const layout = topicLayout(config.cluster)
  const partOf = new Map(parts.map((part) => [layout[part].name, part]))
  registerCodecs()
  try {
    const ranges = await answerOf(connection, [...partOf.keys()])
    const { Kafka, logLevel } = kafkajs
    const kafka = new Kafka({ ...kafkajsConfig(connection), logLevel: logLevel.NOTHING })
    await readToEnd({
      kafka,
      prefix,
      ends: endsOf(ranges),
      onMessage(topic, partition, message) {
        const part = partOf.get(topic)
        try {
          if (part) take(part, message, partition)
        } catch (error) {
          // What one record hides must not hide all others.
          onProblem(`${topic}:${partition}:${message.offset} can't be read and is left out: ${whyOf(error)}`)
        }
      },
    })
  } catch (error) {
    if (error instanceof MissingTopics)
      throw new ExitError(
        exitCodes.refused,
        `${error.what}: no \`picket run\` with cluster.prefix '${prefix}' has been there; see cluster.prefix and the brokers of the first source`,
      )
    const why = connectionProblem(error, connection)?.message ?? whyOf(error)
    throw new ExitError(
      exitCodes.failed,
      `what the cluster holds can't be read from Kafka at ${brokerNames(connection)}: ${why}`,
    )
  }
}

function endsOf(ranges: OffsetRanges): Map<string, PartitionEnd[]> {
  const ends = new Map<string, PartitionEnd[]>()
  for (const [id, range] of ranges) {
    const { topic, partition } = topicPartition(id)
    ends.set(topic, [...(ends.get(topic) ?? []), { partition, ...range }])
  }
  return ends
}

function whyOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
