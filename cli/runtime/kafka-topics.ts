import type { SourceConfig } from '../../config/schema/sources.ts'
import { type TopicChoice, takes } from '../../ingest/sources/kafka/chosen-topics.ts'
import { topicPartition } from '../../ingest/sources/kafka/topic-offsets.ts'

export type KafkaSourceConfig = Extract<SourceConfig, { type: 'kafka' }>
type TopicConfig = KafkaSourceConfig['topics'][number]

/** Which topics are meant. */
export function topicChoices(topics: readonly TopicConfig[]): TopicChoice[] {
  // The schema sees to it that one of the two is there.
  return topics.map(({ name, pattern = '^$' }) => name ?? new RegExp(pattern))
}

/** Finds the entry of a partition's topic: the first that takes it. */
export function topicOf({ topics }: KafkaSourceConfig): (partition: string) => TopicConfig | undefined {
  const choices = topicChoices(topics)
  return (partition) => {
    const { topic } = topicPartition(partition)
    return topics[choices.findIndex((choice) => takes(choice, topic))]
  }
}
