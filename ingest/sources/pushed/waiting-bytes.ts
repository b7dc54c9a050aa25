/** Beside its bytes a record that waits costs about this much, for its place in the body. */
const recordBytes = 200

/** Who sends, by whatever tells one from another. */
export type Sender = string | object

/**
 * How much senders have given that no commit holds yet. It bounds memory, and tells senders to wait. One may hold no more than
 * what is free beside it: half of the room when it is alone, a third each of two, so that there is room for who sends next.
 */
export class WaitingBytes {
  readonly #max: number
  readonly #held = new Map<Sender, number>()
  #bytes = 0

  /** `max` in bytes. */
  constructor(max: number) {
    this.#max = max
  }

  /** Whether a sender is to wait before it gives more. */
  isFullFor(sender: Sender): boolean {
    const free = this.#max - this.#bytes
    return free <= 0 || this.#heldBy(sender) > free
  }

  /**
   * Counts what came of a request that has given `before` already. False when that is more than the sender may hold, and then
   * it is not counted. While nothing else waits a request may fill all the room, and be larger than it at once.
   */
  take(sender: Sender, bytes: number, before: number): boolean {
    const free = this.#max - this.#bytes
    const isAlone = this.#bytes === before
    const fits = isAlone ? before === 0 || bytes <= free : this.#heldBy(sender) + bytes <= free - bytes
    if (fits) this.#change(sender, bytes)
    return fits
  }

  /** Counts what is here already, whatever the bound. Returns how much there is to release. */
  add(sender: Sender, bytes: number, records: number): number {
    const all = bytes + records * recordBytes
    this.#change(sender, all)
    return all
  }

  release(sender: Sender, bytes: number): void {
    this.#change(sender, -bytes)
  }

  #heldBy(sender: Sender): number {
    return this.#held.get(sender) ?? 0
  }

  #change(sender: Sender, bytes: number): void {
    this.#bytes += bytes
    const held = this.#heldBy(sender) + bytes
    if (held === 0) this.#held.delete(sender)
    else this.#held.set(sender, held)
  }
}
