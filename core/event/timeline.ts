/** So many events in a row must have reached a time before it is believed: a few wrong ones never do. */
export const inARow = 9
/** Longer than any shipper's disorder: what lies further from the timeline is no straggler. Milliseconds. */
export const stepMsMax = 24 * 3_600_000
/** An event so near the collector's clock was read when it happened. Milliseconds. */
const liveMsMax = 5 * 60_000

/**
 * How far the time of one partition has come: what its watermark goes by. It never lies ahead of the events: one
 * that others don't confirm is judged like any, but moves nothing, or it would make the rest of its log late.
 *
 * - Without the collector's clock, and while a backlog is read, time has come to what each of the last nine events
 *   reached. Events behind it don't count, so stragglers hold nothing up.
 * - At the tail of a live partition (time had come within 5 min of the collector's clock with the event before, or
 *   nine events in a row were received within 5 min, or the source has paused) every event moves it at once, but
 *   never beyond its `received`.
 *
 * Left over: nine wrong times in a row, and one that is the first in a backlog of a partition that was live.
 */
export class Timeline {
  #reached = Number.NEGATIVE_INFINITY
  /** A ring of the last events that were not behind; −Infinity where there was none yet. */
  readonly #recent = new Float64Array(inARow).fill(Number.NEGATIVE_INFINITY)
  #oldest = 0
  #isLive = false
  /** Events in a row that were received when they happened. */
  #timely = 0

  /** Epoch milliseconds; −Infinity before enough events. */
  get reached(): number {
    return this.#reached
  }

  /** Whether a time could belong to the log: near where its time stands or near one of the last events. */
  isNear(time: number): boolean {
    if (Math.abs(time - this.#reached) <= stepMsMax) return true
    return this.#recent.some((recent) => Math.abs(time - recent) <= stepMsMax)
  }

  /** Takes the time of the next event; `received` where the collector's clock is known. */
  follow(time: number, received?: number): void {
    if (received === undefined) {
      this.#confirm(time)
      return
    }
    const upTo = Math.min(time, received)
    this.#timely = received - time <= liveMsMax ? this.#timely + 1 : 0
    if (this.#isLive || this.#timely >= inARow) this.#advance(upTo)
    else this.#confirm(upTo)
    this.#isLive = received - this.#reached <= liveMsMax
  }

  /**
   * Takes events that were held back, and returns where time stands with each: as these are known together, with no
   * event has it come further than all that follow.
   */
  followAll(times: readonly number[]): number[] {
    const least = Float64Array.from(times)
    for (let index = times.length - 2; index >= 0; index--) {
      least[index] = Math.min(least[index] as number, least[index + 1] as number)
    }
    return times.map((time, index) => {
      this.#remember(time)
      const followed = least[index] as number
      const isConfirmed = times.length - index >= inARow
      this.#advance(isConfirmed ? followed : Math.min(followed, this.#leastRecent()))
      return this.#reached
    })
  }

  /** The source has nothing more for now: what comes next is no backlog. */
  pause(): void {
    this.#isLive = true
  }

  /** The log's clock was set back: time begins anew. */
  restart(): void {
    this.#reached = Number.NEGATIVE_INFINITY
    this.#recent.fill(Number.NEGATIVE_INFINITY)
  }

  /** Plain values for JSON. That the partition was live is left out: a restart begins with a backlog. */
  snapshot(): { readonly greatest: number | null; readonly recent: readonly number[] } {
    const inOrder = [...this.#recent.subarray(this.#oldest), ...this.#recent.subarray(0, this.#oldest)]
    return {
      greatest: Number.isFinite(this.#reached) ? this.#reached : null,
      recent: inOrder.filter(Number.isFinite),
    }
  }

  /** Undoes `snapshot`; `recent` may be missing. Throws `RangeError` for other values. */
  restore({ greatest, recent = [] }: { readonly greatest?: unknown; readonly recent?: unknown }): void {
    const isTime = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value)
    const isTimes = Array.isArray(recent) && recent.length <= inARow && recent.every(isTime)
    if (!isTimes || (greatest !== null && !isTime(greatest))) {
      throw new RangeError('neither a time that was reached nor recent times')
    }
    this.#reached = greatest ?? Number.NEGATIVE_INFINITY
    this.#recent.fill(Number.NEGATIVE_INFINITY)
    this.#oldest = 0
    for (const time of recent) this.#push(time)
    this.#isLive = false
    this.#timely = 0
  }

  #confirm(time: number): void {
    this.#remember(time)
    this.#advance(this.#leastRecent())
  }

  #remember(time: number): void {
    if (time >= this.#reached) this.#push(time)
  }

  #push(time: number): void {
    this.#recent[this.#oldest] = time
    this.#oldest = (this.#oldest + 1) % inARow
  }

  #leastRecent(): number {
    let least = Number.POSITIVE_INFINITY
    for (let index = 0; index < inARow; index++) least = Math.min(least, this.#recent[index] as number)
    return least
  }

  #advance(time: number): void {
    if (time > this.#reached) this.#reached = time
  }
}
