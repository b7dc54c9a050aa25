/** Beside its bytes a record that waits costs about this much, for its place in the body. */
const recordBytes = 200

/** How much senders have given that no commit holds yet. It bounds memory, and tells senders to wait. */
export class WaitingBytes {
  readonly #max: number
  #bytes = 0

  /** `max` in bytes. */
  constructor(max: number) {
    this.#max = max
  }

  get isFull(): boolean {
    return this.#bytes >= this.#max
  }

  /** Counts what came in. False when that is more than the bound, unless nothing else waits; then it is not counted. */
  take(bytes: number): boolean {
    if (this.#bytes > 0 && this.#bytes + bytes > this.#max) return false
    this.#bytes += bytes
    return true
  }

  /** Counts what is here already, whatever the bound. Returns how much there is to release. */
  add(bytes: number, records: number): number {
    const all = bytes + records * recordBytes
    this.#bytes += all
    return all
  }

  release(bytes: number): void {
    this.#bytes -= bytes
  }
}
