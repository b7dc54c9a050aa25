import type { Columns, Join } from './table.ts'

/** Stands for absent in a column of 32 bits. */
export const absent = -(2 ** 31)

/** Whether a value is kept as 32 bits: an integer, and not what stands for absent. */
export function isNarrow(value: number): boolean {
  return (value | 0) === value && value !== absent
}

/**
 * Where the columns of a row are: a row is a record of 32-bit words, the link to the next row first, then the number of its
 * key, then the narrow columns; wide ones are 64-bit floats before the end. Counts and bits stay narrow, and a column in
 * which a value turns up that does not fit becomes wide for good.
 */
export class RowLayout {
  readonly isWide: readonly boolean[]
  /** A bit for each wide column: layouts with the same bits are the same. */
  readonly bits: number
  /** Where a column is: in words, or in floats when it is wide. */
  readonly places: Int32Array
  /** Words of a row, an even number. */
  readonly words: number

  constructor(isWide: readonly boolean[]) {
    const narrow = isWide.filter((wide) => !wide).length
    const head = (2 + narrow + 1) & ~1
    let [word, float] = [2, head / 2]
    this.isWide = isWide
    this.bits = isWide.reduce((bits, wide, column) => bits + (wide ? 2 ** column : 0), 0)
    this.places = Int32Array.from(isWide, (wide) => (wide ? float++ : word++))
    this.words = float * 2
  }

  /** Only the times of events are known to need 64 bits. */
  static of(columns: Columns): RowLayout {
    return new RowLayout(Object.values<Join>(columns).map((join) => join === 'first' || join === 'last'))
  }
}

/** The same bytes as words and as floats. */
interface Bytes {
  readonly words: Int32Array
  readonly floats: Float64Array
}

/** Copies a record from one layout into another, in which what is wide stays so. */
export function moveRecord(row: number, before: RowLayout, from: Bytes, after: RowLayout, to: Bytes): void {
  const source = row * before.words
  const target = row * after.words
  to.words[target] = from.words[source] as number
  to.words[target + 1] = from.words[source + 1] as number
  for (let column = 0; column < after.places.length; column++) {
    const [old, place] = [before.places[column] as number, after.places[column] as number]
    const narrow = from.words[source + old] as number
    if (!after.isWide[column]) to.words[target + place] = narrow
    else if (before.isWide[column]) to.floats[target / 2 + place] = from.floats[source / 2 + old] as number
    else to.floats[target / 2 + place] = narrow === absent ? Number.NaN : narrow
  }
}
