import { hintsMax } from '../../core/event/event-record.ts'

/** A text or a list of texts: what is not a number of its own. */
export type Value = string | readonly string[]

/** Longer texts are sent each time: an attacker chooses how much memory they take. */
export const knownLengthMax = 256

/** Lists that are known at a time. */
const listsMax = 1024

/**
 * Values that a `Packer` and an `Unpacker` both know by number, so that each is sent once: texts by their hints, lists by numbers
 * of their own. A number that comes to stand for another value is sent again with it.
 */
export class Dictionary {
  readonly texts = new Array<Value | undefined>(hintsMax)
  readonly lists = new Array<Value | undefined>(listsMax + 1)
  readonly #numbers = new Map<readonly string[], number>()

  /** The number of a list, from 1 on; decoders give the same list again for lines that are alike. */
  numberOf(list: readonly string[]): number {
    const known = this.#numbers.get(list)
    if (known !== undefined) return known
    if (this.#numbers.size === listsMax) this.#numbers.clear()
    const number = this.#numbers.size + 1
    this.#numbers.set(list, number)
    return number
  }
}
