import { type Positions, partitionKey } from '../event/position.ts'
import type { SourceMarker } from './observation.ts'

/** A topic that is read, and where its time must be known before any goes on. */
export interface ExpectedTopic {
  readonly source: string
  readonly topic: string
}

/** Batches that time stands still for, at most: many more than it takes the slices of a few partitions to end together. */
const standMax = 200

/** A slice of whose parts some came, and no marker yet. */
interface OpenSlice {
  /** Whether something of it was late. */
  readonly isLate: boolean
  /** Offset in the topic of observations before which its marker is; not known before a batch ends. */
  readonly before?: number
  /** All up to there was read: the marker was deleted. */
  readonly isLost?: boolean
}

/** Which topics are read, as far as that is known by now: those of a pattern come and go. */
export interface ExpectedInputs {
  /** Time stands still until each was heard of. */
  readonly topics: readonly ExpectedTopic[]
  /** Somebody has read it, so it is or was there. False when no source takes it. */
  heardOf(topic: ExpectedTopic): boolean
  /** Whether nobody will read it any more. */
  isGone(topic: ExpectedTopic): boolean
}

/**
 * Event time by the markers of input partitions: the minimum of all that are not idle, and none before each partition of
 * each topic was heard of. It never goes back. Between processes nobody says that a partition has ended: one whose reader
 * died holds time until the next reader goes on with it.
 */
export class SourceTimes {
  readonly #inputs: ExpectedInputs
  readonly #markers = new Map<string, SourceMarker>()
  /** By partition. */
  readonly #open = new Map<string, OpenSlice>()
  /** How often time was asked for since it stands still for them. */
  #stood = 0
  #value = Number.NEGATIVE_INFINITY
  /** Where partitions were left whose topics are gone, or no longer configured: they may come back. */
  readonly #left = new Map<string, number>()
  /** Greatest time of topics that are gone. */
  #greatestGone = Number.NEGATIVE_INFINITY

  constructor(inputs: ExpectedInputs) {
    this.#inputs = inputs
  }

  /**
   * A part of what a partition (its `partitionKey`) tells came ahead of its marker. Time stands still until that comes, so that
   * a slice is late by one watermark, whoever judges its parts, and can be told from its positions and that alone. The
   * marker is in the same transaction; where many partitions take turns time waits for a moment with none open, but not for ever.
   */
  began(partition: string, isLate: boolean): void {
    this.#open.set(partition, { isLate: isLate || this.isPartLate(partition) })
  }

  /**
   * Observations were read up to `next`, from a topic that ended at `high` when that was fetched. A transaction is read once it is
   * whole, so the marker of a part that came is before `high`. Whoever has read up to there without it need not wait: retention, or
   * somebody, deleted it.
   */
  readTo(next: number, high: number): void {
    for (const [partition, slice] of this.#open) {
      const before = slice.before ?? high
      this.#open.set(partition, { ...slice, before, isLost: before <= next })
    }
  }

  /** Whether something of the parts that came ahead of a marker was late. */
  isPartLate(partition: string): boolean {
    return this.#open.get(partition)?.isLate === true
  }

  /** Everything of a partition before this offset was observed. */
  positionOf(partition: string): number {
    return this.#markers.get(partition)?.position ?? this.#left.get(partition) ?? 0
  }

  /** Returns false for a source or topic that is not configured, which then says nothing. */
  take(marker: SourceMarker): boolean {
    const partition = partitionKey(marker.source, marker.partition)
    this.#open.delete(partition)
    if (!this.#inputs.heardOf(topicOf(marker))) return false
    const { sample: _, ...kept } = marker
    this.#markers.set(partition, kept)
    this.#left.delete(partition)
    return true
  }

  /** Up to where each input partition was observed. */
  get positions(): Positions {
    return new Map([...this.#markers].map(([key, { position }]) => [key, position]))
  }

  /** The newest marker of each input partition. */
  get markers(): Iterable<SourceMarker> {
    return this.#markers.values()
  }

  /** Greatest time of an event, epoch milliseconds; −Infinity before the first. */
  get greatest(): number {
    let greatest = this.#greatestGone
    for (const marker of this.#markers.values()) greatest = Math.max(greatest, marker.greatest)
    return greatest
  }

  /** Whether every partition is known, and has nothing for now. */
  get isIdle(): boolean {
    if (this.#waitsForMarker) return false
    return this.#isKnown && [...this.#markers.values()].every(({ isIdle }) => isIdle)
  }

  /** Epoch milliseconds; −Infinity before every partition is known. While all are idle it stays. */
  value(): number {
    this.#stood = this.#waitsForMarker ? this.#stood + 1 : 0
    if (!this.#isKnown || (this.#stood > 0 && this.#stood <= standMax)) return this.#value
    let minimum = Number.POSITIVE_INFINITY
    for (const { time, latenessMs, isIdle } of this.#markers.values()) {
      if (!isIdle) minimum = Math.min(minimum, time - latenessMs)
    }
    if (minimum < Number.POSITIVE_INFINITY) this.#value = Math.max(this.#value, minimum)
    return this.#value
  }

  /** Moves time by the clock while all partitions are idle. */
  advanceTo(time: number): void {
    this.#value = Math.max(this.#value, time)
  }

  /** Lets go of topics that are gone, which would hold time for ever. What they told is judged as far as time comes. */
  forgetGone(): void {
    for (const [key, marker] of this.#markers) {
      if (!this.#inputs.isGone(topicOf(marker))) continue
      this.#greatestGone = Math.max(this.#greatestGone, marker.greatest)
      this.#left.set(key, marker.position)
      this.#markers.delete(key)
      this.#open.delete(key)
    }
  }

  /** Whether a partition, by its key in positions, is of a topic that is gone. */
  isGone(key: string): boolean {
    const [source = '', partition = ''] = key.split('\u0000')
    return this.#inputs.isGone(topicOf({ source, partition }))
  }

  /** JSON text for the changelog. */
  snapshot(): string {
    const markers = [...this.#markers.values()].map((marker) => ({
      ...marker,
      time: String(marker.time),
      greatest: String(marker.greatest),
    }))
    return JSON.stringify({
      value: String(this.#value),
      gone: String(this.#greatestGone),
      markers,
      open: [...this.#open].map(([partition, { isLate }]) => [partition, isLate]),
      left: [...this.#left],
    })
  }

  /** Undoes `snapshot`; what is no longer configured is left out. */
  restore(snapshot: string): void {
    const { value, gone, markers, open = [], left = [] } = JSON.parse(snapshot) as Snapshot
    this.#value = Number(value)
    if (gone !== undefined) this.#greatestGone = Number(gone)
    for (const [partition, position] of left) this.#left.set(partition, position)
    for (const { time, greatest, ...marker } of markers) {
      const isTaken = this.take({ ...nothingNew, ...marker, time: Number(time), greatest: Number(greatest) })
      if (!isTaken) this.#left.set(partitionKey(marker.source, marker.partition), marker.position)
    }
    for (const [partition, isLate] of open) this.#open.set(partition, { isLate })
  }

  get #waitsForMarker(): boolean {
    return [...this.#open.values()].some(({ isLost }) => !isLost)
  }

  get #isKnown(): boolean {
    return this.#inputs.topics.every((topic) => {
      let known = 0
      let siblings = 0
      for (const marker of this.#markers.values()) {
        if (!isOf(topic, marker)) continue
        known++
        siblings = Math.max(siblings, marker.siblings)
      }
      return known > 0 && known >= siblings
    })
  }
}

/** What was counted belongs to its message, and came to nobody here. */
const nothingNew = { records: 0, refused: 0, waiting: 0 }

/** JSON has no infinities. */
interface Snapshot {
  readonly value: string
  /** Absent before topics could go. */
  readonly gone?: string
  readonly markers: readonly (Omit<SourceMarker, 'time' | 'greatest'> & { time: string; greatest: string })[]
  /** Absent in what an older Picket wrote. */
  readonly open?: readonly (readonly [partition: string, isLate: boolean])[]
  /** Absent in what an older Picket wrote. */
  readonly left?: readonly (readonly [partition: string, position: number])[]
}

/** Up to where a snapshot had observed each input partition, whatever is configured by now. */
export function snapshotPositions(snapshot: string): Positions {
  const { markers } = JSON.parse(snapshot) as Snapshot
  return new Map(
    markers.map(({ source, partition, position }) => [partitionKey(source, partition), position]),
  )
}

function isOf({ source, topic }: ExpectedTopic, marker: SourceMarker): boolean {
  return marker.source === source && topicOf(marker).topic === topic
}

function topicOf({ source, partition }: Pick<SourceMarker, 'source' | 'partition'>): ExpectedTopic {
  return { source, topic: partition.slice(0, partition.lastIndexOf(':')) }
}
