import { agreementOf, heldMax } from './time-agreement.ts'
import { inARow, Timeline } from './timeline.ts'

/** What the gate must know of an event. `received`, epoch ms, only where the transport or the collector set it. */
export interface Timed {
  readonly time: number
  readonly offset: number
  readonly received?: number | undefined
}

export interface AcceptedTime<Item> {
  readonly item: Item
  /** Where the partition's time stands with it: see `Timeline`. */
  readonly reached: number
}

export interface RefusedTime<Item> {
  readonly item: Item
  readonly reason: 'time_ahead' | 'time_step'
}

/** Held and new items whose fate is now known, each list in the order of arrival. */
export interface Settled<Item> {
  readonly accepted: readonly AcceptedTime<Item>[]
  readonly refused: readonly RefusedTime<Item>[]
}

/** A clock may be this much ahead of the collector's. */
const aheadMsMax = 5 * 60_000
const nothing: Settled<never> = { accepted: [], refused: [] }

/**
 * Keeps wrong times out of one partition.
 *
 * With `received` a time more than 5 min ahead of it is refused, anything else accepted at once. Without (replay),
 * the partition's own timeline is the witness: an event more than 24 h from it, and any event before there is one, is
 * held with all that follow until 1,024 are held or the input ends. Then the times that most of them agree on decide,
 * and what does not go with these is refused. A timeline that stands falls only to twice as many.
 *
 * Left over: in a replay a burst of more than half of the first 1,024 lines becomes the timeline, as do two thirds of
 * 1,024 lines later. Of two clocks a day apart that take turns, the one that stood first wins, at the beginning the
 * earlier one. A time a few minutes ahead of `received` may be accepted when it is read again after a crash, because
 * the collector's clock has gone on.
 *
 * While something is held nothing later of the partition is accepted, so the durable position stays at `heldFrom`,
 * and a restart reads the held events again: the snapshot needs no more than the timeline.
 */
export class TimeGate<Item extends Timed> {
  readonly #timeline = new Timeline()
  #held: Item[] = []

  /** Offset of the first held event: the durable position must not pass it. */
  get heldFrom(): number | undefined {
    return this.#held[0]?.offset
  }

  /** Where the partition's time stands, epoch milliseconds; −Infinity before that is known. */
  get reached(): number {
    return this.#timeline.reached
  }

  /**
   * The common case, without allocation: true when the event is accepted and nothing else changes. Otherwise give
   * the event to `offer`.
   */
  admits(time: number, received?: number): boolean {
    if (this.#held.length > 0) return false
    if (received === undefined ? !this.#timeline.isNear(time) : time > received + aheadMsMax) return false
    this.#timeline.follow(time, received)
    return true
  }

  /** Takes an event that `admits` did not. It, and held ones, may be accepted, refused, or held further. */
  offer(item: Item): Settled<Item> {
    const { time, received } = item
    if (this.admits(time, received)) return { accepted: [this.#withReached(item)], refused: [] }
    if (received === undefined) {
      this.#held.push(item)
      return this.#held.length < heldMax ? nothing : this.#decideMost()
    }
    if (time > received + aheadMsMax) return { accepted: [], refused: [{ item, reason: 'time_ahead' }] }
    // The clock of the collector decides about what came before.
    const held = this.#held.splice(0)
    const { accepted, refused } = this.#released(
      split(held, ({ time: before }) => before <= received + aheadMsMax),
    )
    this.#timeline.follow(time, received)
    return { accepted: [...accepted, this.#withReached(item)], refused }
  }

  /**
   * Nothing more for now, or ever: what is held is decided, for partitions that go on would leave it behind. What
   * nothing contradicted is accepted: a last step forward harms nobody, as it moves no time.
   */
  settle(): Settled<Item> {
    const accepted: Item[] = []
    const refused: Item[] = []
    let { reached } = this
    while (this.#held.length > 0) {
      const decided = this.#decide(reached, 1)
      accepted.push(...decided.accepted)
      refused.push(...decided.refused)
      reached = decided.reached
    }
    const settled = this.#released({ accepted, refused })
    this.#timeline.pause()
    return settled
  }

  /** JSON text for the state store. */
  snapshot(): string {
    return JSON.stringify(this.#timeline.snapshot())
  }

  /** Undoes `snapshot`; held events come again from the source. Throws `RangeError` for other text. */
  restore(snapshot: string): void {
    try {
      this.#timeline.restore(JSON.parse(snapshot) as Record<string, unknown>)
    } catch (cause) {
      throw new RangeError(`not a snapshot of a time gate: ${snapshot.slice(0, 80)}`, { cause })
    }
    this.#held = []
  }

  /** Decides once so many are held that they can tell, and goes on with those that belong to the timeline then. */
  #decideMost(): Settled<Item> {
    // The last ones of a group may be stragglers behind a step that later events confirm.
    const { accepted, refused } = this.#released(this.#decide(this.reached, inARow))
    const beyond = this.#held.findIndex(({ time }) => !this.#timeline.isNear(time))
    const near = this.#held.splice(0, beyond < 0 ? this.#held.length : beyond)
    const { accepted: following } = this.#released({ accepted: near, refused: [] })
    return { accepted: [...accepted, ...following], refused }
  }

  /** Decides about held events up to the n-th last of those that agree; what came after it stays held. */
  #decide(reached: number, nthLast: number): Fates<Item> & { readonly reached: number } {
    const times = this.#held.map(({ time }) => time)
    const standing = { isNear: (time: number) => this.#timeline.isNear(time), reached }
    const agreement = agreementOf(times, standing, nthLast)
    const fates = split(this.#held.splice(0, agreement.decided), (_, place) => agreement.isAgreed(place))
    if (agreement.isSetBack) this.#timeline.restart()
    return { ...fates, reached: agreement.reached }
  }

  #released({ accepted, refused }: Fates<Item>): Settled<Item> {
    const reached = this.#timeline.followAll(accepted.map(({ time }) => time))
    return {
      accepted: accepted.map((item, index) => ({ item, reached: reached[index] as number })),
      refused: refused.map((item) => ({ item, reason: 'time_step' })),
    }
  }

  #withReached(item: Item): AcceptedTime<Item> {
    return { item, reached: this.reached }
  }
}

interface Fates<Item> {
  readonly accepted: readonly Item[]
  readonly refused: readonly Item[]
}

function split<Item>(
  items: readonly Item[],
  isAccepted: (item: Item, place: number) => boolean,
): Fates<Item> {
  const accepted: Item[] = []
  const refused: Item[] = []
  for (const [place, item] of items.entries()) (isAccepted(item, place) ? accepted : refused).push(item)
  return { accepted, refused }
}
