import type { TopicMessages } from 'kafkajs'
import { entityPartition } from '../../../core/cluster/entity-partition.ts'
import { encodeObservation, type SourceMarker } from '../../../core/cluster/observation.ts'
import { trafficShape } from '../../../core/engine/traffic-shape.ts'
import { partitionKey } from '../../../core/event/position.ts'
import type { EntityRecord } from '../../../core/ports/state-store.ts'
import type { Cluster } from '../cluster.ts'

/** The partition of observations whose judge watches over the whole cluster. */
export const watchingPartition = 0

/** Brokers take messages up to 1 MB by default; a record may be larger than what is left of this. */
const messageBytesMax = 400_000

/**
 * What was collected, for each partition of the observations and for the traffic topic. Each gets the marker, also where it
 * gets nothing else: all must know how far time has come.
 */
export function observationMessages(
  records: readonly EntityRecord[],
  marker: SourceMarker,
  { topics, hash, layout }: Pick<Cluster, 'topics' | 'hash' | 'layout'>,
): TopicMessages[] {
  const { observations, traffic } = topics
  const dealt: EntityRecord[][] = Array.from({ length: observations.partitions }, () => [])
  const shape: EntityRecord[] = []
  for (const record of records) {
    if (record.detector === trafficShape.id) shape.push(record)
    else dealt[entityPartition(hash, record.entity, observations.partitions)]?.push(record)
  }
  const { sample: _, ...plain } = marker
  // One partition watches for all.
  const messages = dealt.flatMap((some, partition) =>
    inMessages(some, partition === watchingPartition ? marker : plain, layout, partition),
  )
  return [
    { topic: observations.name, messages },
    { topic: traffic.name, messages: inMessages(shape, plain, layout, 0) },
  ]
}

function inMessages(
  records: readonly EntityRecord[],
  marker: SourceMarker,
  layout: string,
  partition: number,
): TopicMessages['messages'] {
  const source = partitionKey(marker.source, marker.partition)
  const messages: TopicMessages['messages'] = []
  let part: EntityRecord[] = []
  let bytes = 0
  for (const record of records) {
    const length = record.entity.length + (record.bytes?.length ?? 0)
    if (bytes + length > messageBytesMax && part.length > 0) {
      // The marker follows; messages of other partitions may come in between.
      messages.push({
        key: source,
        value: Buffer.from(encodeObservation({ records: part, layout })),
        partition,
      })
      part = []
      bytes = 0
    }
    part.push(record)
    bytes += length
  }
  const value = Buffer.from(encodeObservation({ records: part, layout, marker }))
  return [...messages, { key: null, value, partition }]
}
