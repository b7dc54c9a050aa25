import { committedOffset } from '../../../storage/kafka/committed-offset.ts'
import type { InputOptions } from './input-partition.ts'
import { type LeftOff, readLeftOff } from './left-off.ts'

export interface StartOfPartition {
  readonly offset: number
  readonly left: LeftOff | undefined
  /** Partitions of the topic. */
  readonly siblings: number
  /** Offset from which on records were deleted before they were read, up to `offset`. */
  readonly lostFrom?: number
}

/** Where the group left off an input partition; at one of its ends when nobody has read it. */
export async function startOfPartition(
  options: Pick<InputOptions, 'cluster' | 'source' | 'topic' | 'partition' | 'firstStart'>,
): Promise<StartOfPartition> {
  const { source, topic, partition, firstStart } = options
  const { inputAdmin } = options.cluster
  const ranges = await inputAdmin.ask((admin) => admin.fetchTopicOffsets(topic))
  const range = ranges.find((one) => one.partition === partition)
  if (!range) throw new Error(`Kafka has no partition ${topic}:${partition} any more`)
  const [low, high] = [Number(range.low), Number(range.high)]
  const siblings = ranges.length
  const place = { group: source.group, topic, partition }
  const committed = await inputAdmin.ask((admin) => committedOffset(admin, place))
  if (!committed)
    return { offset: firstStart(topic, partition) === 'latest' ? high : low, left: undefined, siblings }
  if (committed.offset > high) {
    throw new Error(
      `Kafka partition ${topic}:${partition} ends at offset ${high}, before Picket's position ${committed.offset}: the topic ` +
        'was deleted and created again; read it under another group and cluster.prefix',
    )
  }
  const left = readLeftOff(committed.metadata)
  if (low > committed.offset) return { offset: low, left, siblings, lostFrom: committed.offset }
  return { offset: committed.offset, left, siblings }
}
