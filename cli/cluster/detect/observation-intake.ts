import type { KafkaMessage } from 'kafkajs'
import { decodeObservation, type SourceMarker } from '../../../core/cluster/observation.ts'
import type { SourceTimes } from '../../../core/cluster/source-times.ts'
import type { Taken } from '../../../core/engine/absorb-pack.ts'
import type { Engine } from '../../../core/engine/engine.ts'
import type { PanePack } from '../../../core/engine/pane-pack.ts'
import { partitionKey } from '../../../core/event/position.ts'
import { whyUnreadable } from '../../../ingest/sources/kafka/codecs/unreadable-batch.ts'
import type { Recorder } from '../../pipeline/recorder.ts'
import type { Cluster } from '../cluster.ts'
import type { ClusterWatch } from './cluster-watch.ts'

export interface ObservationIntakeOptions {
  readonly cluster: Pick<Cluster, 'layout' | 'log' | 'status'>
  readonly partition: number
  readonly engine: Engine
  readonly times: SourceTimes
  readonly recorder: Pick<Recorder, 'late' | 'lost'>
}

/** Panes of one slice of an input partition. */
interface Slice extends Pick<Taken, 'events' | 'late'> {
  /** The same by detector and kind of entity: most often each sees an event once. */
  readonly lateBy: ReadonlyMap<string, number>
}

const nothing: Slice = { events: 0, late: 0, lateBy: new Map() }

/** From messages of observations to panes of the engine, times of the sources, what is counted of them, and what was not judged. */
export class ObservationIntake {
  readonly #options: ObservationIntakeOptions
  /**
   * By input partition, events in panes that came ahead of their marker: each as often as an entity of a detector saw it.
   */
  readonly #parts = new Map<string, Slice>()
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
    const { packs, layout, marker } = decodeObservation(message.value)
    const isOurs = layout === cluster.layout
    if (!isOurs)
      this.#otherLayout(
        layout,
        packs.reduce((sum, { records }) => sum + records, 0),
      )
    const partition = marker ? partitionKey(marker.source, marker.partition) : String(message.key)
    const part = this.#parts.get(partition) ?? nothing
    const whole = isOurs ? this.#absorb(packs, part) : part
    if (!marker) {
      this.#parts.set(partition, whole)
      // An older `ingest` does not say whose it is.
      if (message.key) times.began(partition, whole.late > 0)
      return
    }
    this.#parts.delete(partition)
    this.#record(partition, marker, { isOurs, isLate: whole.late > 0 })
    if (!times.take(marker)) return
    this.watch?.took(marker, whole)
    // Two detectors miss the same event.
    cluster.status.cameLate(marker.source, Math.max(0, ...whole.lateBy.values()))
  }

  /** What of the partition's slice up to the marker was not judged, for the control log. */
  #record(
    partition: string,
    { position: to }: SourceMarker,
    { isOurs, isLate }: { readonly isOurs: boolean; readonly isLate: boolean },
  ): void {
    const { engine, times, recorder } = this.#options
    const range = { partition, from: times.positionOf(partition), to }
    if (range.from >= to) return
    if (!isOurs) recorder.lost(range, 'collected under another configuration or version', engine.watermark)
    else if (isLate || times.isPartLate(partition)) recorder.late(range, engine.watermark)
  }

  /** Merges panes; returns what the slice holds with them. */
  #absorb(packs: readonly PanePack[], before: Slice): Slice {
    const sum = { events: before.events, late: before.late, lateBy: new Map(before.lateBy) }
    for (const pack of packs) {
      const { events, late, lateKinds } = this.#options.engine.absorb(pack)
      sum.events += events
      sum.late += late
      for (const [kind, some] of lateKinds) {
        const by = `${pack.detector} ${kind}`
        sum.lateBy.set(by, some + (sum.lateBy.get(by) ?? 0))
      }
    }
    return sum
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
