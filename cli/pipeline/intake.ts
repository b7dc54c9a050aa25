import type { Positions } from '../../core/event/position.ts'
import type { LostRange, Source, SourceBatch } from '../../core/ports/source.ts'
import type { Mark } from '../../core/ports/state-store.ts'
import { type MergeInput, mergeByTime } from '../../ingest/sources/merge-by-time.ts'
import type { LaneReport, Located, PartitionLane } from './partition-lane.ts'

/** What happened to a partition besides its events. */
export interface News {
  readonly lane: PartitionLane
  readonly kind: 'opened' | 'idle' | 'ended' | 'read'
  /** Taken when the part was: the lane may since have read on. */
  readonly report: LaneReport
  /** Of the source, to be committed with the report. */
  readonly marks?: readonly Mark[]
  /** Records before the reported position that will never come. */
  readonly lost?: readonly LostRange[]
}

/** Accepted events in the order in which they are to be judged, then news that holds after them. */
export interface IntakePart {
  readonly items: readonly Located[]
  readonly news?: News
}

/** A source whose partitions can be read one by one, so that they can be merged by time. */
interface PartitionedSource extends Source {
  partitions(from: Positions, signal: AbortSignal): AsyncIterable<SourceBatch>[]
}

function isPartitioned(source: Source): source is PartitionedSource {
  return 'partitions' in source
}

/** Finds or opens the lane of a partition. */
export type LaneOf = (partition: string) => PartitionLane

/** A source and the lanes of its partitions. */
export interface Feed {
  readonly source: Source
  readonly laneOf: LaneOf
}

export interface IntakeOptions {
  /** Told of a file that can't be read further: it ends there, and the others go on. Without, it ends everything. */
  readonly onFailure?: (error: Error) => void
  /**
   * Gives each batch of a partition whole, with its position: where a commit may come between any two parts, no part
   * may hold half of what lies before a position.
   */
  readonly inBatches?: boolean
}

/**
 * Accepted events of sources, merged by time: one that is read ahead of the others would keep all its panes open, or
 * seal panes that the others still fill. Kafka's partitions count as one, for the broker already paces them alike.
 */
export function intake(
  feeds: readonly Feed[],
  from: Positions,
  signal: AbortSignal,
  { onFailure, inBatches = false }: IntakeOptions = {},
): AsyncGenerator<IntakePart> {
  const partitions = feeds.flatMap(({ source, laneOf }) => {
    const batches = isPartitioned(source) ? source.partitions(from, signal) : [source.read(from, signal)]
    return batches.map((one) => decoded(one, laneOf, onFailure))
  })
  return mergeByTime<Located, News>(partitions, inBatches)
}

async function* decoded(
  batches: AsyncIterable<SourceBatch>,
  laneOf: LaneOf,
  onFailure: ((error: Error) => void) | undefined,
): AsyncGenerator<MergeInput<Located, News>> {
  let partition: string | undefined
  try {
    for await (const batch of batches) {
      partition = batch.partition
      for (const part of parts(batch, laneOf)) yield { ...part, isIdle: part.news?.kind === 'idle' }
    }
  } catch (error) {
    if (!onFailure || !(error instanceof Error)) throw error
    onFailure(error)
    if (partition !== undefined) yield* parts({ kind: 'ended', partition }, laneOf)
  }
}

function* parts(batch: SourceBatch, laneOf: LaneOf): Generator<IntakePart> {
  const lane = laneOf(batch.partition)
  if (batch.kind === 'records') {
    const items = lane.take(batch.records, batch.next)
    const report = lane.report()
    const marks = batch.decoded?.({ accepted: items.length, refused: report.deadLetters.length })
    const { lost } = batch
    yield { items, news: { lane, kind: 'read', report, ...(marks && { marks }), ...(lost && { lost }) } }
    return
  }
  // Partitions that go on would leave behind what the time gate holds back.
  const settled = batch.kind === 'opened' ? [] : lane.settle()
  if (settled.length > 0) yield { items: settled, news: { lane, kind: 'read', report: lane.report() } }
  yield { items: [], news: { lane, kind: batch.kind, report: lane.report() } }
}
