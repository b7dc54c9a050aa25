import type { Finding } from '../../../core/detector/finding.ts'
import type { EntityRecord } from '../../../core/ports/state-store.ts'
import type { Tally } from '../../pipeline/tally.ts'
import { JudgingAgain } from '../../runtime/recording/judging-again.ts'
import type { StoredDetection } from '../../runtime/recording/stored-detection.ts'
import type { RecordedPartition } from './recorded-cluster.ts'
import type { StoredDetections } from './stored-detections.ts'

/** Where something was collected: in a slice that begins at this offset of an input partition. */
export interface CollectedAt {
  readonly partition: string
  readonly offset: number
}

/** A pane that waits for its layout to be in force. */
interface Ahead {
  readonly record: EntityRecord
  /** Up to where was sealed when it came then. */
  readonly sealed: number | undefined
}

/** A partition of entities, judged again. */
export class JudgedPartition {
  readonly recorded: RecordedPartition
  readonly #tally: Tally
  readonly #judging: JudgingAgain
  readonly #detections: Pick<StoredDetections, 'layoutOf'>
  /** What was collected for manifests after this one, by their layout: other partitions are there already. */
  readonly #ahead = new Map<string, Ahead[]>()
  /** Events that were in time when they were read first and are late now. */
  lateNow = 0

  constructor(
    recorded: RecordedPartition,
    options: { first: StoredDetection; tally: Tally; detections: Pick<StoredDetections, 'layoutOf'> },
  ) {
    this.recorded = recorded
    this.#tally = options.tally
    this.#detections = options.detections
    this.#judging = new JudgingAgain(options.first, options.tally)
  }

  get watermark(): number {
    return this.#judging.watermark
  }

  /** Takes a pane of an entity, but for what was not judged then. */
  take(record: EntityRecord, { partition, offset }: CollectedAt, layout: string): void {
    const { late, lost } = this.recorded
    if (lost.find(partition, offset)) return
    const sealed = late.find(partition, offset)?.at
    if (layout === this.#layout) this.#absorb(record, sealed)
    else {
      const ahead = this.#ahead.get(layout) ?? []
      ahead.push({ record, sealed })
      this.#ahead.set(layout, ahead)
    }
  }

  /** Seals everything before `at`, epoch milliseconds, under a manifest. */
  async seal(at: number, detection: StoredDetection): Promise<void> {
    await this.#judging.turnTo(detection)
    for (const { record, sealed } of this.#ahead.get(this.#layout) ?? []) this.#absorb(record, sealed)
    this.#ahead.delete(this.#layout)
    await this.#judging.sealTo(at)
  }

  findings(): Promise<Finding[]> {
    return this.#judging.findings()
  }

  /** What is in force asks of collectors. */
  get #layout(): string {
    return this.#detections.layoutOf(this.#judging.inForce)
  }

  #absorb(record: EntityRecord, sealed: number | undefined): void {
    const { late } = this.#judging.engine.absorb(record, sealed)
    if (sealed === undefined) this.lateNow += late
    else if (late > 0) this.#tally.late++
  }
}
