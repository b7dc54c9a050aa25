import type { KafkaMessage } from 'kafkajs'
import { decodeObservation } from '../../../core/cluster/observation.ts'
import type { SourceTimes } from '../../../core/cluster/source-times.ts'
import type { Engine } from '../../../core/engine/engine.ts'
import type { EntityRecord } from '../../../core/ports/state-store.ts'
import { whyUnreadable } from '../../../ingest/sources/kafka/codecs/unreadable-batch.ts'
import type { Cluster } from '../cluster.ts'
import type { ClusterWatch } from './cluster-watch.ts'

export interface ObservationIntakeOptions {
  readonly cluster: Pick<Cluster, 'layout' | 'log' | 'status'>
  readonly partition: number
  readonly engine: Engine
  readonly times: SourceTimes
}

/** From messages of observations to panes of the engine, times of the sources, and what is counted of them. */
export class ObservationIntake {
  readonly #options: ObservationIntakeOptions
  /**
   * Events in panes that came before the marker that says whose they are: each as often as an entity of a detector
   * saw it.
   */
  #untold = { events: 0, late: 0 }
  /** Told of. */
  readonly #foreign = new Set<string>()
  /** Of the cluster, once its findings from before are known. */
  watch: ClusterWatch | undefined

  constructor(options: ObservationIntakeOptions) {
    this.#options = options
  }

  /** Takes a message. Throws for one that can't be read, a part of which may be taken by then. */
  take(message: KafkaMessage): void {
    const unreadable = whyUnreadable(message)
    if (unreadable !== undefined) throw new RangeError(unreadable)
    const { cluster, times } = this.#options
    if (!message.value) return
    const { records, layout, marker } = decodeObservation(message.value)
    if (layout === cluster.layout) this.#absorb(records)
    else this.#otherLayout(layout, records.length)
    if (!marker || !times.take(marker)) return
    this.watch?.took(marker, this.#untold)
    this.#untold = { events: 0, late: 0 }
  }

  #absorb(records: readonly EntityRecord[]): void {
    for (const record of records) {
      const { events, late } = this.#options.engine.absorb(record)
      this.#untold.events += events
      this.#untold.late += late
    }
  }

  /** Cells of other settings can't be merged: what they hold is lost to judging, and told. */
  #otherLayout(layout: string, panes: number): void {
    const { partition, cluster } = this.#options
    cluster.status.foreign += panes
    if (panes === 0 || this.#foreign.has(layout)) return
    this.#foreign.add(layout)
    cluster.log.error(
      { partition, theirs: layout, ours: cluster.layout },
      'an ingest process collects under another configuration or version; what it collected is not judged (picket_foreign_observations_total): give all processes the same, `ingest` last',
    )
  }
}
