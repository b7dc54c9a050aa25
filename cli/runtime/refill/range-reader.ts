import type { LoadedConfig } from '../../../config/load-config.ts'
import type { SourceConfig } from '../../../config/schema/sources.ts'
import { resolveSecret } from '../../../config/secret.ts'
import type { Detector } from '../../../core/detector/detector.ts'
import type { ControlEntry } from '../../../core/manifest/control-log.ts'
import type { RawRecord } from '../../../core/ports/source.ts'
import { fixedPublicKey } from '../../../ingest/privacy/pseudonym.ts'
import { RangeGone } from '../../../ingest/sources/range-gone.ts'
import type { Recording } from '../../../storage/sqlite/state-logs.ts'
import type { LaneOf } from '../../pipeline/intake.ts'
import type { Located } from '../../pipeline/partition-lane.ts'
import { laneOpener } from '../lanes.ts'
import { sourceTraits } from '../live-sources.ts'
import { openReaders } from '../reread/record-reader.ts'
import { RefusedThen } from '../reread/refused-then.ts'
import { wantedFields } from '../wanted-fields.ts'
import type { MissingRange } from './missing-ranges.ts'

export interface RangeReaderOptions {
  readonly loaded: LoadedConfig<Detector>
  readonly recording: Pick<Recording, 'positions' | 'marks' | 'control'>
  readonly signal: AbortSignal
}

/** Offsets of files are bytes, those of topics are messages: as many as make an insert of some megabytes. */
const cellSizes = { file: 1024 * 1024, kafka: 8192 } as const

/** Reads ranges again and decodes them, as the configuration of now says, to the events that were accepted then. */
export class RangeReader {
  readonly #options: RangeReaderOptions
  readonly #refused: RefusedThen
  readonly #open: ReturnType<typeof laneOpener>

  constructor(options: RangeReaderOptions) {
    const { loaded, recording } = options
    const { config, detectors } = loaded
    const { key } = config.privacy
    this.#options = options
    this.#refused = new RefusedThen(
      recording.control.filter(
        (entry): entry is Extract<ControlEntry, { kind: 'refused-range' }> => entry.kind === 'refused-range',
      ),
    )
    this.#open = laneOpener({
      config,
      key: key === undefined ? fixedPublicKey : Buffer.from(resolveSecret(key)),
      restored: { positions: new Map(), marks: recording.marks },
      wanted: wantedFields(detectors, true),
    })
  }

  /**
   * Events whose offsets lie in the range, in their order, and in which pieces they are to be inserted. Valid until the
   * next ones are asked for. @throws RangeGone
   */
  async *events(
    range: MissingRange,
  ): AsyncGenerator<{ readonly items: readonly Located[]; readonly cellSize: number }> {
    const { recording, signal } = this.#options
    const source = this.#sourceOf(range)
    const laneOf = this.#open(sourceTraits(source))
    const { partition, first, last } = range
    const cellSize = source.type === 'kafka' ? cellSizes.kafka : cellSizes.file
    // Where the last record ends only the file knows.
    const to = source.type === 'file' ? Number.POSITIVE_INFINITY : last + 1
    for (const { batches } of openReaders(source, [{ partition, from: first, to }], recording, signal)) {
      let isPast = false
      for await (const { records, next } of batches) {
        if (signal.aborted) return
        const within = records.filter(({ offset }) => offset <= last)
        isPast = within.length < records.length || next > last
        yield { items: this.#decoded(partition, within, next, laneOf), cellSize }
        if (isPast) break
      }
      if (!isPast) throw new RangeGone(`${partition} ends before offset ${last}`)
    }
  }

  #decoded(
    partition: string,
    records: readonly RawRecord[],
    next: number,
    laneOf: LaneOf,
  ): readonly Located[] {
    const lane = laneOf(partition)
    const items = lane.take(this.#refused.accepted(lane.key, records), next)
    lane.report()
    return items
  }

  #sourceOf({ source: name }: MissingRange): SourceConfig {
    const found = this.#options.loaded.config.sources.find((source) => source.name === name)
    if (found) return found
    throw new RangeGone(`source ${name} is not configured any more: put it back to fetch what it gave`)
  }
}
