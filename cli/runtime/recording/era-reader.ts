import type { SourceConfig } from '../../../config/schema/sources.ts'
import { type Positions, partitionKey } from '../../../core/event/position.ts'
import { RangeGone } from '../../../ingest/sources/range-gone.ts'
import type { Recording } from '../../../storage/sqlite/state-logs.ts'
import type { LaneOf } from '../../pipeline/intake.ts'
import type { Located } from '../../pipeline/partition-lane.ts'
import type { Tally } from '../../pipeline/tally.ts'
import { laneOpener } from '../lanes.ts'
import { sourceTraits } from '../live-sources.ts'
import { openReaders, type ReadAgain, type RecordReader } from '../reread/record-reader.ts'
import type { RefusedThen } from '../reread/refused-then.ts'
import { wantedFields } from '../wanted-fields.ts'
import type { StoredDetection } from './stored-detection.ts'

export interface EraReaderOptions {
  /** Digest of how sources were read. */
  readonly sources: string
  readonly recording: Omit<Recording, 'control'>
  readonly detection: StoredDetection
  readonly refused: RefusedThen
  /** Where each partition is read from, and where the era ends. */
  readonly from: Positions
  readonly ends: Positions
  readonly tally: Tally
  readonly signal: AbortSignal
  /** Told of the events of one partition, in their order; they are dead after the call. */
  readonly onEvents: (events: readonly Located[]) => void
}

/** Reads the events of an era again, as they were accepted then. */
export class EraReader {
  readonly #options: EraReaderOptions
  /** By partition key. */
  readonly #next: Map<string, number>
  readonly #readers = new Map<string, RecordReader & { readonly source: string; readonly laneOf: LaneOf }>()

  constructor(options: EraReaderOptions) {
    this.#options = options
    this.#next = new Map(options.from)
    this.#open()
  }

  /** Where each partition was read to. */
  get positions(): Positions {
    return this.#next
  }

  /** Gives everything of a partition up to the offset, maybe more, and maybe some of other partitions. */
  async readTo(key: string, to: number): Promise<void> {
    const { ends } = this.#options
    const reader = this.#readers.get(key)
    while (reader && (this.#next.get(key) ?? 0) < to) {
      const { done, value: batch } = await reader.batches.next()
      if (done) {
        // Offsets behind the last record hold none: markers of Kafka's transactions, empty lines.
        for (const partition of reader.partitions) {
          const own = partitionKey(reader.source, partition)
          this.#next.set(own, ends.get(own) ?? 0)
        }
        break
      }
      this.#next.set(partitionKey(reader.source, batch.partition), batch.next)
      this.#give(batch, reader.laneOf)
    }
  }

  async close(): Promise<void> {
    for (const { batches } of new Set(this.#readers.values())) await batches.return(undefined)
  }

  #open(): void {
    const { sources, recording, detection, signal, from: starts, ends } = this.#options
    const text = recording.snapshots.get(sources)
    if (text === undefined)
      throw new RangeGone(`how sources were read (${sources}) is not stored: the state is damaged`)
    const configs = JSON.parse(text) as readonly SourceConfig[]
    const { marks } = recording
    const open = laneOpener({
      ...detection,
      restored: { positions: new Map(), marks },
      wanted: wantedFields(detection.detectors, false),
    })
    for (const config of configs) {
      const ranges = [...ends].flatMap(([key, to]) => {
        const [source, partition = ''] = key.split('\u0000')
        const from = starts.get(key)
        return source !== config.name || from === undefined || from >= to ? [] : [{ partition, from, to }]
      })
      const laneOf = open(sourceTraits(config))
      for (const reader of openReaders(config, ranges, recording, signal))
        for (const partition of reader.partitions)
          this.#readers.set(partitionKey(config.name, partition), { ...reader, source: config.name, laneOf })
    }
  }

  #give({ partition, records, next }: ReadAgain, laneOf: LaneOf): void {
    const { tally, refused, onEvents } = this.#options
    const lane = laneOf(partition)
    const events = lane.take(refused.accepted(lane.key, records), next)
    tally.events += events.length
    onEvents(events)
    for (const letter of lane.report().deadLetters) tally.refuse(letter)
  }
}
