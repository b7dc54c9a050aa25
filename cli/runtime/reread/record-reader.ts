import { randomUUID } from 'node:crypto'
import type { SourceConfig } from '../../../config/schema/sources.ts'
import { type Positions, partitionKey } from '../../../core/event/position.ts'
import type { RawRecord } from '../../../core/ports/source.ts'
import { storedIdentity } from '../../../ingest/sources/files/file-identity.ts'
import { fileRange } from '../../../ingest/sources/files/file-range.ts'
import { KafkaSource } from '../../../ingest/sources/kafka/kafka-source.ts'
import { RangeGone } from '../../../ingest/sources/range-gone.ts'
import { kafkaConnection } from '../kafka-connection.ts'

/** Offsets of a partition from `from` to before `to`. */
export interface WantedRange {
  readonly partition: string
  readonly from: number
  readonly to: number
}

/** Records that were read once, read again; valid until the next ones are asked for. */
export interface ReadAgain {
  readonly partition: string
  readonly records: readonly RawRecord[]
  /** Everything before it was given. */
  readonly next: number
}

/** Reads ranges of some partitions of one source, each in its order. */
export interface RecordReader {
  readonly partitions: readonly string[]
  readonly batches: AsyncGenerator<ReadAgain>
}

/** What is known of what was read before. */
export interface ReadBefore {
  readonly positions: Positions
  readonly marks: ReadonlyMap<string, string>
}

/** Readers of ranges of a source, at most one range a partition. Their batches throw `RangeGone` for what is not there. */
export function openReaders(
  config: SourceConfig,
  ranges: readonly WantedRange[],
  before: ReadBefore,
  signal: AbortSignal,
): RecordReader[] {
  const partitions = ranges.map(({ partition }) => partition)
  if (ranges.length === 0) return []
  if (config.type === 'kafka') return [{ partitions, batches: kafkaRanges(config, ranges, signal) }]
  if (config.type === 'file')
    return ranges.map((range) => {
      const { partition } = range
      const { path, generation } = generationOf(partition, config.paths)
      const identity = storedIdentity(before.marks, config.name, partition)
      const isNewest = !before.positions.has(partitionKey(config.name, `${path}#${generation + 1}`))
      return { partitions: [partition], batches: fileRange({ ...range, path, identity, isNewest }) }
    })
  throw new RangeGone(
    `source ${config.name} is of type ${config.type}: what was sent to it can't be fetched again, because nobody keeps it`,
  )
}

async function* kafkaRanges(
  config: Extract<SourceConfig, { type: 'kafka' }>,
  ranges: readonly WantedRange[],
  signal: AbortSignal,
): AsyncGenerator<ReadAgain> {
  const source = new KafkaSource({
    id: config.name,
    connection: kafkaConnection(config),
    topics: [...new Set(ranges.map(({ partition }) => partition.slice(0, partition.lastIndexOf(':'))))],
    // Of its own, so that it takes no partition from a run, and two at once take none from each other.
    groupId: `${config.group}-again-${randomUUID()}`,
    ranges: new Map(ranges.map(({ partition, from, to }) => [partition, { from, to }])),
  })
  for await (const batch of source.read(new Map(), signal)) if (batch.kind === 'records') yield batch
}

/** Which file under its path a partition is: `path#2` is the third, unless a path is called that. */
function generationOf(
  partition: string,
  paths: readonly string[],
): { readonly path: string; readonly generation: number } {
  const [, path = partition, generation = '0'] = /^(.*)#([1-9]\d{0,8})$/s.exec(partition) ?? []
  return paths.includes(partition)
    ? { path: partition, generation: 0 }
    : { path, generation: Number(generation) }
}
