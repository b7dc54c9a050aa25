import type { TableRows } from './table-rows.ts'

/** Shorter runs are sorted by insertion. */
const shortMax = 16

/** Puts the rows of a cell in order: by the keyed hashes of their keys, then by the keys. */
export class RowOrder {
  readonly #rows: TableRows
  #sorted = new Int32Array(16)
  #hashes = new Float64Array(16)

  constructor(rows: TableRows) {
    this.#rows = rows
  }

  /** The `count` rows from `first` on; dead after the next call. */
  sorted(first: number, count: number): Int32Array {
    if (count > this.#sorted.length) {
      this.#sorted = new Int32Array(count * 2)
      this.#hashes = new Float64Array(count * 2)
    }
    const { hashes } = this.#rows.keys
    let at = 0
    for (let row = first; row >= 0; row = this.#rows.following(row)) {
      this.#sorted[at] = row
      this.#hashes[at++] = hashes[this.#rows.keyOf(row)] as number
    }
    sortRun(this.#hashes, this.#sorted, 0, count - 1)
    this.#sortEqual(count)
    return this.#sorted.subarray(0, count)
  }

  /** Equal hashes of different texts hardly ever come, but order must not depend on arrival. */
  #sortEqual(count: number): void {
    const [hashes, rows] = [this.#hashes, this.#sorted]
    for (let at = 1; at < count; at++) {
      for (let back = at; back > 0 && hashes[back] === hashes[back - 1]; back--) {
        if (this.#textOf(rows[back - 1] as number) > this.#textOf(rows[back] as number)) {
          swap(hashes, rows, back, back - 1)
        }
      }
    }
  }

  #textOf(row: number): string {
    return this.#rows.keys.texts[this.#rows.keyOf(row)] as string
  }
}

/** Quicksort with the median of three: hashes are random, so no input makes it slow. */
function sortRun(hashes: Float64Array, rows: Int32Array, first: number, last: number): void {
  let [low, high] = [first, last]
  while (high - low > shortMax) {
    const pivot = median(hashes[low] as number, hashes[(low + high) >> 1] as number, hashes[high] as number)
    let [left, right] = [low, high]
    while (left <= right) {
      while ((hashes[left] as number) < pivot) left++
      while ((hashes[right] as number) > pivot) right--
      if (left <= right) swap(hashes, rows, left++, right--)
    }
    sortRun(hashes, rows, low, right)
    low = left
    high = last
  }
  for (let at = low + 1; at <= high; at++) {
    const hash = hashes[at] as number
    const row = rows[at] as number
    let back = at - 1
    for (; back >= low && (hashes[back] as number) > hash; back--) {
      hashes[back + 1] = hashes[back] as number
      rows[back + 1] = rows[back] as number
    }
    hashes[back + 1] = hash
    rows[back + 1] = row
  }
}

function median(one: number, two: number, three: number): number {
  return Math.max(Math.min(one, two), Math.min(Math.max(one, two), three))
}

function swap(hashes: Float64Array, rows: Int32Array, left: number, right: number): void {
  const hash = hashes[left] as number
  const row = rows[left] as number
  hashes[left] = hashes[right] as number
  rows[left] = rows[right] as number
  hashes[right] = hash
  rows[right] = row
}
