import type { TopicMessages } from 'kafkajs'
import { encodeObservation, type SourceMarker } from '../../../core/cluster/observation.ts'
import type { DealtPack } from '../../../core/engine/pane-pack.ts'
import { trafficShape } from '../../../core/engine/traffic-shape.ts'
import { partitionKey } from '../../../core/event/position.ts'
import type { Cluster } from '../cluster.ts'

/** The partition of observations whose judge watches over the whole cluster. */
export const watchingPartition = 0

/** Brokers take messages up to 1 MB by default; a pack may be larger than what is left of this. */
const messageBytesMax = 400_000

/**
 * What was collected, for each partition of the observations and for the traffic topic. Each gets the marker, also where it
 * gets nothing else: all must know how far time has come.
 */
export function observationMessages(
  packs: readonly DealtPack[],
  marker: SourceMarker,
  { topics, layout }: Pick<Cluster, 'topics' | 'layout'>,
): TopicMessages[] {
  const { observations, traffic } = topics
  const dealt: DealtPack[][] = Array.from({ length: observations.partitions }, () => [])
  const shape: DealtPack[] = []
  for (const pack of packs) {
    if (pack.detector === trafficShape.id) shape.push(pack)
    else dealt[pack.partition]?.push(pack)
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
  packs: readonly DealtPack[],
  marker: SourceMarker,
  layout: string,
  partition: number,
): TopicMessages['messages'] {
  const source = partitionKey(marker.source, marker.partition)
  const messages: TopicMessages['messages'] = []
  let part: DealtPack[] = []
  let bytes = 0
  for (const pack of packs) {
    if (bytes + pack.bytes.length > messageBytesMax && part.length > 0) {
      // The marker follows; messages of other partitions may come in between.
      messages.push({ key: source, value: inBuffer(encodeObservation({ packs: part, layout })), partition })
      part = []
      bytes = 0
    }
    part.push(pack)
    bytes += pack.bytes.length
  }
  const value = inBuffer(encodeObservation({ packs: part, layout, marker }))
  return [...messages, { key: null, value, partition }]
}

/** The same bytes, which nobody else has. */
function inBuffer({ buffer, byteOffset, byteLength }: Uint8Array<ArrayBuffer>): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength)
}
