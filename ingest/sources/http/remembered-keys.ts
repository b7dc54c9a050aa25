import { createHash } from 'node:crypto'
import type { DecodedCounts } from '../../../core/ports/source.ts'
import type { Mark } from '../../../core/ports/state-store.ts'

/** What was answered to a key, and to which content. */
export interface Remembered extends DecodedCounts {
  readonly content: string
}

/** What a mark holds. */
interface Stored {
  /** How many keys came before it. */
  readonly number: number
  readonly hash: string
  readonly remembered: Remembered
}

/**
 * The newest idempotency keys whose events are durable. Each is a mark that commits with its events; marks are used
 * again in turn, so that the store holds no more of them than are remembered.
 */
export class RememberedKeys {
  readonly #prefix: string
  readonly #max: number
  readonly #remembered = new Map<string, Remembered>()
  #number = 0
  /** Marks that another maximum had put elsewhere. */
  #misplaced: Mark[] = []

  /** Takes up what the last commit held. `max` is how many are remembered. */
  constructor(source: string, max: number, marks: ReadonlyMap<string, string>) {
    this.#prefix = `idempotency:${source}\u0000`
    this.#max = max
    const stored = [...marks].flatMap(([key, value]) =>
      key.startsWith(this.#prefix) ? [{ value, ...parsed(value) }] : [],
    )
    const distinct = [...new Map(stored.map((one) => [one.number, one])).values()]
    distinct.sort((left, right) => left.number - right.number)
    for (const { value, number, hash, remembered } of distinct.slice(-max)) {
      this.#remembered.set(hash, remembered)
      this.#number = number + 1
      const key = this.#place(number)
      if (marks.get(key) !== value) this.#misplaced.push({ key, value })
    }
  }

  /** What was answered to the key; `undefined` when it is new, or so old that it was forgotten. */
  get(hash: string): Remembered | undefined {
    return this.#remembered.get(hash)
  }

  /** The marks to commit with the events of the key; call it in the order of commits. */
  marks(hash: string, { content, accepted, refused }: Remembered): readonly Mark[] {
    const number = this.#number++
    const value = JSON.stringify([number, hash, content, accepted, refused])
    return [...this.#misplaced.splice(0), { key: this.#place(number), value }]
  }

  /** The events of the key are durable. */
  add(hash: string, remembered: Remembered): void {
    this.#remembered.set(hash, remembered)
    if (this.#remembered.size <= this.#max) return
    const [oldest] = this.#remembered.keys()
    if (oldest !== undefined) this.#remembered.delete(oldest)
  }

  #place(number: number): string {
    return `${this.#prefix}${number % this.#max}`
  }
}

/** A digest that names a key or a content; senders choose both, so it is cryptographic. */
export function digestOf(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('base64url').slice(0, 22)
}

function parsed(value: string): Stored {
  const [number, hash, content, accepted, refused] = JSON.parse(value) as [
    number,
    string,
    string,
    number,
    number,
  ]
  return { number, hash, remembered: { content, accepted, refused } }
}
