/** What the gate must know of an event. `received`, epoch ms, only where the transport or a trusted hop set it. */
export interface Timed {
  readonly time: number
  readonly offset: number
  readonly received?: number | undefined
}

export interface RefusedTime<Item> {
  readonly item: Item
  readonly reason: 'time_ahead' | 'time_step'
}

/** Held and new items whose fate is now known, each list in the order of arrival. */
export interface Settled<Item> {
  readonly accepted: readonly Item[]
  readonly refused: readonly RefusedTime<Item>[]
}

/** A clock may be this much ahead of the collector's. */
const aheadMsMax = 5 * 60_000
/** Longer than any shipper's disorder, shorter than the harm: one wrong event would make all others late. */
const stepMsMax = 24 * 3_600_000
/**
 * Further events that must agree with a step, and how many are held meanwhile: at the beginning few, or a quiet log
 * would wait long; against a timeline that stands many, for a burst of broken times must not end it.
 */
const beginning = { confirmations: 8, heldMax: 16 }
const standing = { confirmations: 64, heldMax: 128 }
/** A log may pause this long at its beginning; an event further back comes from a clock that was never set. */
const pauseMsMax = 31 * 24 * 3_600_000

const nothing: Settled<never> = { accepted: [], refused: [] }

/**
 * Keeps wrong times of one partition from moving its watermark: an accepted event in 2100 would make every later
 * event late, and a detector blind. With `received`, a time more than 5 min ahead of it is refused. Without, the
 * partition's own timeline is the witness: an event more than 24 h from the greatest accepted time, and every
 * event before there is a timeline, is held until others agree with it, contradict it, or the input ends.
 * While something is held nothing later of the partition is accepted, so the durable position stays at
 * `heldFrom`, and a restart reads the held events again: the snapshot needs no more than the timeline.
 */
export class TimeGate<Item extends Timed> {
  #greatest = Number.NEGATIVE_INFINITY
  #held: Item[] = []

  /** Offset of the first held event: the durable position must not pass it. */
  get heldFrom(): number | undefined {
    return this.#held[0]?.offset
  }

  /**
   * The common case, without allocation: true when the event is accepted and nothing else changes. Otherwise give
   * the event to `offer`.
   */
  admits(time: number, received?: number): boolean {
    if (this.#held.length > 0) return false
    const isPlausible =
      received === undefined ? Math.abs(time - this.#greatest) <= stepMsMax : time <= received + aheadMsMax
    if (!isPlausible) return false
    if (time > this.#greatest) this.#greatest = time
    return true
  }

  /** Takes an event that `admits` did not. It, and held ones, may be accepted, refused, or held further. */
  offer(item: Item): Settled<Item> {
    const { time, received } = item
    if (this.admits(time, received)) return { accepted: [item], refused: [] }
    if (received !== undefined) {
      if (time > received + aheadMsMax) return { accepted: [], refused: [{ item, reason: 'time_ahead' }] }
      // The clock of the collector decides about what came before.
      return this.#settle((held) => held.time <= received + aheadMsMax, item)
    }
    const timeline = this.#greatest
    if (this.#isNear(time, timeline)) return this.#settle((held) => this.#isNear(held.time, timeline), item)
    this.#held.push(item)
    const agreeing = this.#chainTo(item)
    const { confirmations, heldMax } = this.#greatest === Number.NEGATIVE_INFINITY ? beginning : standing
    if (agreeing.length > confirmations) return this.#settle(this.#agreesWith(agreeing))
    return this.#held.length > heldMax ? this.#shed() : nothing
  }

  /** The partition ended: what nothing contradicted is accepted. A last step forward harms nobody any more. */
  end(): Settled<Item> {
    const accepted: Item[] = []
    const refused: RefusedTime<Item>[] = []
    if (this.#greatest === Number.NEGATIVE_INFINITY && this.#held.length > 0) {
      const agreeing = this.#largestAgreement()
      const later = this.#held.splice(this.#held.indexOf(agreeing.at(-1) as Item) + 1)
      const first = this.#settle(this.#agreesWith(agreeing))
      accepted.push(...first.accepted)
      refused.push(...first.refused)
      this.#held = later
    }
    const timeline = this.#greatest
    const forward = this.#held.filter((held) => held.time >= timeline - stepMsMax)
    const rest = this.#settle(
      (held) =>
        forward.includes(held) &&
        forward.slice(forward.indexOf(held)).every((later) => later.time >= held.time - stepMsMax),
    )
    return { accepted: [...accepted, ...rest.accepted], refused: [...refused, ...rest.refused] }
  }

  /** JSON text for the state store. */
  snapshot(): string {
    return JSON.stringify({ greatest: Number.isFinite(this.#greatest) ? this.#greatest : null })
  }

  /** Undoes `snapshot`; held events come again from the source. Throws `RangeError` for other text. */
  restore(snapshot: string): void {
    const { greatest } = JSON.parse(snapshot) as { greatest?: unknown }
    if (greatest !== null && typeof greatest !== 'number') {
      throw new RangeError(`not a snapshot of a time gate: ${snapshot.slice(0, 80)}`)
    }
    this.#greatest = greatest ?? Number.NEGATIVE_INFINITY
    this.#held = []
  }

  #isNear(left: number, right: number): boolean {
    return Math.abs(left - right) <= stepMsMax
  }

  /** Decides about all held events. A settled group becomes the timeline, backwards as well; `last` only extends it. */
  #settle(isAccepted: (held: Item) => boolean, last?: Item): Settled<Item> {
    const accepted = this.#held.filter(isAccepted)
    const refused = this.#held
      .filter((held) => !accepted.includes(held))
      .map((item) => ({ item, reason: 'time_step' as const }))
    this.#held = []
    if (accepted.length > 0) this.#greatest = Math.max(...accepted.map((item) => item.time))
    if (!last) return { accepted, refused }
    this.#greatest = Math.max(this.#greatest, last.time)
    return { accepted: [...accepted, last], refused }
  }

  /**
   * Accepts a group that agrees, and what came before it as the same log's past: behind the timeline so far, and
   * not so far back that it must be a wrong clock.
   */
  #agreesWith(agreeing: readonly Item[]): (held: Item) => boolean {
    const first = agreeing[0]
    const timeline = this.#greatest
    return (held) =>
      agreeing.includes(held) ||
      (first !== undefined &&
        held.offset < first.offset &&
        held.time < first.time &&
        held.time > timeline &&
        held.time >= first.time - pauseMsMax)
  }

  /** Held events that lead to the newest, each near the one after it: slow logs agree as well as busy ones. */
  #chainTo(newest: Item): Item[] {
    let { time } = newest
    const chain: Item[] = []
    for (const held of this.#held.toReversed()) {
      if (!this.#isNear(held.time, time)) continue
      chain.unshift(held)
      time = held.time
    }
    return chain
  }

  /** The most held events near one of them; of equals the earliest, because it can't blind the watermark. */
  #largestAgreement(): Item[] {
    const groups = this.#held.map((centre) => ({
      time: centre.time,
      items: this.#held.filter((held) => this.#isNear(held.time, centre.time)),
    }))
    groups.sort((left, right) => right.items.length - left.items.length || left.time - right.time)
    return groups[0]?.items ?? []
  }

  /**
   * Too many are held and no group agrees: either broken times, or a log with days between its lines. In the
   * latter most others lie behind the oldest, so it is accepted when they do.
   */
  #shed(): Settled<Item> {
    const [oldest, ...others] = this.#held
    if (!oldest) return nothing
    const following = others.filter((held) => held.time >= oldest.time - stepMsMax)
    const isForward = oldest.time > this.#greatest && following.length * 2 > others.length
    this.#held = [oldest]
    const settled = this.#settle(() => isForward)
    this.#held = others
    return settled
  }
}
