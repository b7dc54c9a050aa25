import { wasRead } from '../../../ingest/sources/kafka/chosen-topics.ts'
import { partitionId } from '../../../ingest/sources/kafka/topic-offsets.ts'
import { whilePassing } from '../../../storage/kafka/while-passing.ts'
import { topicChoices } from '../../runtime/kafka-topics.ts'
import type { Cluster, KafkaSourceConfig } from '../cluster.ts'

/** Where to begin a partition that the group has read nothing of. */
export type FirstStarts = (topic: string, partition: number) => 'earliest' | 'latest'

/**
 * With `from: latest` partitions begin at their end if they were there before anybody read their entry. What appears later is
 * read from its start, or the events between its birth and our look would be lost.
 */
export async function firstStarts(
  { inputAdmin, inputs }: Pick<Cluster, 'inputAdmin' | 'inputs'>,
  source: KafkaSourceConfig,
): Promise<FirstStarts> {
  if (source.from === 'earliest') return () => 'earliest'
  const choices = topicChoices(source.topics)
  const there = new Set<string>()
  const read = await inputAdmin.ask(async (admin) => {
    for (const topic of inputs.readBy(source.name))
      for (const { partition } of await whilePassing(() => admin.fetchTopicOffsets(topic)).catch(noneIfGone))
        there.add(partitionId(topic, partition))
    const committed = await whilePassing(() => admin.fetchOffsets({ groupId: source.group }))
    return committed
      .filter(({ partitions }) => partitions.some(({ offset }) => Number(offset) >= 0))
      .map(({ topic }) => topic)
  })
  return (topic, partition) =>
    wasRead(read, choices, topic) || !there.has(partitionId(topic, partition)) ? 'earliest' : 'latest'
}

/** A topic that was deleted since it was listed holds up none of the others. */
function noneIfGone(error: unknown): [] {
  if ((error as { readonly type?: unknown }).type === 'UNKNOWN_TOPIC_OR_PARTITION') return []
  throw error
}
