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

/** Where the group left off an input partition; or where to begin when nobody has read it. */
export async function startOfPartition(
  options: Pick<InputOptions, 'cluster' | 'source' | 'topic' | 'partition' | 'firstStarts'>,
): Promise<StartOfPartition> {
  const { source, topic, partition, firstStarts } = options
  const { inputAdmin } = options.cluster
  const ranges = await inputAdmin.ask((admin) => admin.fetchTopicOffsets(topic))
  const range = ranges.find((one) => one.partition === partition)
  if (!range) throw new Error(`Kafka has no partition ${topic}:${partition} any more`)
  const [low, high] = [Number(range.low), Number(range.high)]
  const siblings = ranges.length
  const place = { group: source.group, topic, partition }
  const committed = await inputAdmin.ask((admin) => committedOffset(admin, place))
  if (!committed) {
    const end = firstStarts.endOf(topic, partition)
    // One that ends before is another topic of that name, born since.
    const offset = end === undefined || end > high ? low : Math.max(low, end)
    return { offset, left: undefined, siblings }
  }
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
