interface Partition {
  /** How far its time has come; −Infinity before that is known. */
  greatest: number
  latenessMs: number
  /** `restored` ones are known from a snapshot and not opened since: a removed file must not hold time back. */
  state: 'active' | 'idle' | 'ended' | 'restored'
}

/** Where the time of a partition stands; `watermark` is −Infinity before that is known. */
export interface PartitionTime {
  readonly partition: string
  readonly state: Partition['state']
  readonly watermark: number
}

/**
 * How late events of an ordinary source may be. Files get `fileLatenessMs`: an access log line is written when
 * the request ends and stamped when it started, and shippers interleave.
 */
export const latenessMsDefault = 30_000
export const fileLatenessMs = 5 * 60_000

/**
 * The event time up to which everything has arrived: the minimum over the active partitions of how far their time
 * has come less the allowed lateness. It never goes back. Partitions are named by `partitionKey`.
 */
export class Watermarks {
  readonly #partitions = new Map<string, Partition>()
  #value = Number.NEGATIVE_INFINITY

  /** The partition holds time back from now on, before its first event altogether; known ones from where they were. */
  opened(partition: string, latenessMs: number): void {
    const greatest = this.#partitions.get(partition)?.greatest ?? Number.NEGATIVE_INFINITY
    this.#partitions.set(partition, { greatest, latenessMs, state: 'active' })
  }

  /** The partition's time has come this far with an accepted event. Wakes an idle partition. */
  observe(partition: string, time: number): void {
    const known = this.#partitions.get(partition)
    if (!known) throw new Error(`partition '${partition}' gave an event before it was opened`)
    if (time > known.greatest) known.greatest = time
    if (known.state === 'idle') known.state = 'active'
  }

  /** The partition has nothing for now and no longer holds time back. */
  idle(partition: string): void {
    const known = this.#partitions.get(partition)
    if (known?.state === 'active') known.state = 'idle'
  }

  /** The partition has nothing more, ever. */
  ended(partition: string): void {
    const known = this.#partitions.get(partition)
    if (known) known.state = 'ended'
  }

  /** Partitions that hold time back. */
  get active(): string[] {
    return [...this.#partitions].flatMap(([name, { state }]) => (state === 'active' ? [name] : []))
  }

  /** All partitions, for a person to look at. */
  get partitions(): PartitionTime[] {
    return [...this.#partitions].map(([partition, { greatest, latenessMs, state }]) => ({
      partition,
      state,
      watermark: greatest - latenessMs,
    }))
  }

  /**
   * Epoch ms; −Infinity before anything is known. +Infinity while all partitions have ended: sealing to it is for
   * the end of all input, because one opened afterwards would only have late events. While none is active and
   * some are idle it stays.
   */
  value(): number {
    let minimum = Number.POSITIVE_INFINITY
    let isIdle = false
    let isEnded = false
    for (const { greatest, latenessMs, state } of this.#partitions.values()) {
      if (state === 'active') minimum = Math.min(minimum, greatest - latenessMs)
      else if (state === 'idle') isIdle = true
      else if (state === 'ended') isEnded = true
    }
    // Infinity is not remembered: all partitions of a topic may be taken away, and others given, at one rebalance.
    if (minimum === Number.POSITIVE_INFINITY) return isEnded && !isIdle ? minimum : this.#value
    this.#value = Math.max(this.#value, minimum)
    return this.#value
  }

  /** Moves time by the clock while all partitions are idle; the caller records it in the control log. */
  advanceTo(time: number): void {
    if (time > this.#value) this.#value = time
  }

  /** JSON text for the state store. Ended partitions are forgotten. */
  snapshot(): string {
    const kept = [...this.#partitions].filter(([, { state }]) => state !== 'ended')
    const partitions = kept.map(([name, { greatest, latenessMs }]) => [name, finite(greatest), latenessMs])
    return JSON.stringify({ value: finite(this.#value), partitions })
  }

  /** Undoes `snapshot`. Throws `RangeError` for other text. */
  restore(snapshot: string): void {
    const { value, partitions } = JSON.parse(snapshot) as Partial<Snapshot>
    if (value === undefined || !Array.isArray(partitions)) {
      throw new RangeError(`not a snapshot of watermarks: ${snapshot.slice(0, 80)}`)
    }
    this.#value = value ?? Number.NEGATIVE_INFINITY
    this.#partitions.clear()
    for (const [name, greatest, latenessMs] of partitions) {
      const known = { greatest: greatest ?? Number.NEGATIVE_INFINITY, latenessMs, state: 'restored' as const }
      this.#partitions.set(name, known)
    }
  }
}

interface Snapshot {
  readonly value: number | null
  readonly partitions: readonly (readonly [name: string, greatest: number | null, latenessMs: number])[]
}

/** JSON has no infinities. */
function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null
}
