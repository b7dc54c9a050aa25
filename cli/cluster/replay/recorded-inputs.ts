import type { Recording } from '../../../storage/sqlite/state-logs.ts'
import type { Located } from '../../pipeline/partition-lane.ts'
import type { Tally } from '../../pipeline/tally.ts'
import { EraReader } from '../../runtime/recording/era-reader.ts'
import type { RecordedRun } from '../../runtime/recording/recorded-run.ts'
import type { StoredDetection } from '../../runtime/recording/stored-detection.ts'
import { RefusedThen } from '../../runtime/reread/refused-then.ts'

export interface RecordedInputsOptions {
  /** By the key of an input partition. */
  readonly inputs: ReadonlyMap<string, RecordedRun>
  readonly recording: Omit<Recording, 'control' | 'positions'>
  /** By what a manifest says. */
  readonly detectionOf: (manifest: string) => StoredDetection
  readonly tally: Tally
  readonly signal: AbortSignal
  /** Told of the events of one partition, and by what they were read; they are dead after the call. */
  readonly onEvents: (events: readonly Located[], readBy: StoredDetection) => void
}

/** A stretch of a partition that was read under one manifest and in one way. */
interface Stretch {
  readonly manifest: string
  readonly sources: string
  readonly from: number
  readonly to: number
}

/** The input of a cluster, read again. Each partition changed its reader when another took it over, and not all at once. */
export class RecordedInputs {
  readonly #options: RecordedInputsOptions
  readonly #stretches: ReadonlyMap<string, readonly Stretch[]>
  /** One for all partitions that were read alike, for each has a consumer of its own. */
  readonly #readers = new Map<string, EraReader>()

  constructor(options: RecordedInputsOptions) {
    this.#options = options
    this.#stretches = new Map([...options.inputs].map(([key, run]) => [key, stretchesOf(key, run)]))
  }

  /** Gives everything of a partition up to the offset, maybe more, and maybe some of other partitions. */
  async readTo(key: string, to: number): Promise<void> {
    for (const [nth, stretch] of (this.#stretches.get(key) ?? []).entries()) {
      if (stretch.from >= to) return
      await this.#reader(nth, stretch).readTo(key, Math.min(to, stretch.to))
    }
  }

  async close(): Promise<void> {
    for (const reader of this.#readers.values()) await reader.close()
  }

  #reader(nth: number, { manifest, sources }: Stretch): EraReader {
    const name = `${nth} ${manifest} ${sources}`
    const known = this.#readers.get(name)
    if (known) return known
    const { inputs, recording, detectionOf, onEvents, ...rest } = this.#options
    const alike = [...this.#stretches].flatMap(([key, all]): [string, Stretch][] => {
      const own = all[nth]
      return own?.manifest === manifest && own.sources === sources ? [[key, own]] : []
    })
    const detection = detectionOf(manifest)
    const reader = new EraReader({
      ...rest,
      sources,
      recording: { ...recording, positions: new Map() },
      detection,
      refused: new RefusedThen([...inputs.values()].flatMap(({ refused }) => refused)),
      from: new Map(alike.map(([key, { from }]) => [key, from])),
      ends: new Map(alike.map(([key, { to }]) => [key, to])),
      onEvents: (events) => onEvents(events, detection),
    })
    this.#readers.set(name, reader)
    return reader
  }
}

function stretchesOf(key: string, { eras, starts }: RecordedRun): Stretch[] {
  // Without an event nothing of it was judged.
  let from = starts.get(key) ?? Number.POSITIVE_INFINITY
  return eras.map(({ manifest, sources, cuts }) => {
    const to = new Map(cuts.flatMap(({ positions }) => positions)).get(key) ?? from
    const stretch = { manifest, sources, from, to }
    from = Math.max(from, to)
    return stretch
  })
}
