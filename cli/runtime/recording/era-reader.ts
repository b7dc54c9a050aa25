import type { SourceConfig } from '../../../config/schema/sources.ts'
import type { Engine } from '../../../core/engine/engine.ts'
import { type Positions, partitionKey } from '../../../core/event/position.ts'
import { RangeGone } from '../../../ingest/sources/range-gone.ts'
import type { Recording } from '../../../storage/sqlite/state-logs.ts'
import type { LaneOf } from '../../pipeline/intake.ts'
import type { Tally } from '../../pipeline/tally.ts'
import { laneOpener } from '../lanes.ts'
import { sourceTraits } from '../live-sources.ts'
import { PartitionRanges } from '../reread/partition-ranges.ts'
import { openReaders, type ReadAgain, type RecordReader } from '../reread/record-reader.ts'
import { RefusedThen } from '../reread/refused-then.ts'
import { wantedFields } from '../wanted-fields.ts'
import type { Cut, Era, RecordedRun } from './recorded-run.ts'
import type { StoredDetection } from './stored-detection.ts'

export interface EraReaderOptions {
  readonly run: RecordedRun
  readonly era: Era
  readonly recording: Recording
  readonly detection: StoredDetection
  readonly tally: Tally
  readonly signal: AbortSignal
  /** Where the eras before ended. */
  readonly from: Positions
}

/** Gives an engine the events of an era again, cut by cut, as they were accepted then. */
export class EraReader {
  readonly #options: EraReaderOptions
  readonly #late: PartitionRanges<RecordedRun['late'][number]>
  readonly #refused: RefusedThen
  /** By partition key. */
  readonly #next: Map<string, number>
  /** Where the era ends. */
  readonly #ends: Positions
  readonly #readers = new Map<string, RecordReader & { readonly source: string; readonly laneOf: LaneOf }>()

  constructor(options: EraReaderOptions) {
    const { run, from } = options
    this.#options = options
    this.#late = new PartitionRanges(run.late)
    this.#refused = new RefusedThen(run.refused)
    this.#next = new Map(from)
    this.#ends = new Map(options.era.cuts.flatMap(({ positions }) => positions))
    this.#open()
  }

  /** Where each partition was read to. */
  get positions(): Positions {
    return this.#next
  }

  /** Gives everything up to the cut's positions, maybe more. Returns how many events were late now and not then. */
  async readTo({ positions }: Cut, engine: Engine): Promise<number> {
    let lateNow = 0
    for (const [key, to] of positions) {
      const reader = this.#readers.get(key)
      while (reader && (this.#next.get(key) ?? 0) < to) {
        const { done, value: batch } = await reader.batches.next()
        if (done) {
          // Offsets behind the last record hold none: markers of Kafka's transactions, empty lines.
          for (const partition of reader.partitions) {
            const own = partitionKey(reader.source, partition)
            this.#next.set(own, this.#ends.get(own) ?? 0)
          }
          break
        }
        this.#next.set(partitionKey(reader.source, batch.partition), batch.next)
        lateNow += this.#judge(batch, reader.laneOf, engine)
      }
    }
    return lateNow
  }

  async close(): Promise<void> {
    for (const { batches } of new Set(this.#readers.values())) await batches.return(undefined)
  }

  #open(): void {
    const { era, run, recording, detection, signal } = this.#options
    const text = recording.snapshots.get(era.sources)
    if (text === undefined)
      throw new RangeGone(`how sources were read (${era.sources}) is not stored: the state is damaged`)
    const configs = JSON.parse(text) as readonly SourceConfig[]
    const { marks } = recording
    const open = laneOpener({
      ...detection,
      restored: { positions: new Map(), marks },
      wanted: wantedFields(detection.detectors, false),
    })
    for (const config of configs) {
      const ranges = [...this.#ends].flatMap(([key, to]) => {
        const [source, partition = ''] = key.split('\u0000')
        const from = this.#next.get(key) ?? run.starts.get(key)
        if (source !== config.name || from === undefined || from >= to) return []
        this.#next.set(key, from)
        return [{ partition, from, to }]
      })
      const laneOf = open(sourceTraits(config))
      for (const reader of openReaders(config, ranges, recording, signal))
        for (const partition of reader.partitions)
          this.#readers.set(partitionKey(config.name, partition), { ...reader, source: config.name, laneOf })
    }
  }

  #judge({ partition, records, next }: ReadAgain, laneOf: LaneOf, engine: Engine): number {
    const { tally } = this.#options
    const lane = laneOf(partition)
    let lateNow = 0
    for (const { event, offset } of lane.take(this.#refused.accepted(lane.key, records), next)) {
      const late = this.#late.find(lane.key, offset)
      tally.events++
      if (late && event.time < late.at) tally.addLate(lane)
      else if (!engine.observe(event)) lateNow++
    }
    for (const letter of lane.report().deadLetters) tally.refuse(letter)
    return lateNow
  }
}
