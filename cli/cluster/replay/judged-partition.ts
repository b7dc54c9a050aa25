import type { Finding } from '../../../core/detector/finding.ts'
import type { PanePack } from '../../../core/engine/pane-pack.ts'
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

/** Panes that wait for their layout to be in force. */
interface Ahead {
  readonly pack: PanePack
  /** Up to where was sealed when they came then. */
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

  /** Takes panes of entities, but for what was not judged then. */
  take(pack: PanePack, { partition, offset }: CollectedAt, layout: string): void {
    const { late, lost } = this.recorded
    if (lost.find(partition, offset)) return
    const sealed = late.find(partition, offset)?.at
    if (layout === this.#layout) this.#absorb(pack, sealed)
    else {
      const ahead = this.#ahead.get(layout) ?? []
      ahead.push({ pack, sealed })
      this.#ahead.set(layout, ahead)
    }
  }

  /** Seals everything before `at`, epoch milliseconds, under a manifest. */
  async seal(at: number, detection: StoredDetection): Promise<void> {
    await this.#judging.turnTo(detection)
    for (const { pack, sealed } of this.#ahead.get(this.#layout) ?? []) this.#absorb(pack, sealed)
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

  #absorb(pack: PanePack, sealed: number | undefined): void {
    const { late } = this.#judging.engine.absorb(pack, sealed)
    if (sealed === undefined) this.lateNow += late
    else this.#tally.late += late
  }
}
