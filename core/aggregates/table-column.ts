import { hashSpace } from '../hash/keyed-hash.ts'
import type { Column, Place, Rekey } from './aggregate.ts'
import type { ByteReader } from './byte-reader.ts'
import type { ByteWriter } from './byte-writer.ts'
import type { Keys } from './keys.ts'
import type { CellPlace, Records } from './records.ts'
import { indexedFrom, RowIndexes } from './row-index.ts'
import { RowOrder } from './row-order.ts'
import { TableRowView } from './row-view.ts'
import type { Columns } from './table.ts'
import { type Added, TableRows } from './table-rows.ts'

export interface TableSpec {
  readonly rowsMax: number
  readonly columns: Columns
  readonly keys: Keys
  readonly at: CellPlace
  readonly cursor: (column: TableColumn, place: Place) => unknown
}

/**
 * Bottom-k samples by key (Cohen and Kaplan, "Summarizing data using bottom-k sketches", 2007). A key that is left out
 * has k smaller hashes before it, which never leave, so it can't come back with half of its facts.
 */
export class TableColumn implements Column<unknown> {
  readonly #spec: TableSpec
  readonly #rows: TableRows
  /** A cell has its first row plus one, 0 for none, and the number of its rows. */
  readonly #records: Records
  readonly #offset: number
  /** Of cells that left keys out: hashes at or above it are out for good. */
  readonly #limits = new Map<number, number>()
  readonly #indexes: RowIndexes
  readonly #order: RowOrder

  constructor(spec: TableSpec) {
    this.#spec = spec
    this.#records = spec.at.records
    this.#offset = spec.at.offset
    this.#rows = new TableRows(spec.columns, spec.keys)
    this.#order = new RowOrder(this.#rows)
    this.#indexes = new RowIndexes(this.#rows)
  }

  get bytes(): number {
    return this.#rows.bytes + this.#indexes.bytes
  }

  cursor(place: Place): unknown {
    return this.#spec.cursor(this, place)
  }

  add({ slot, time, before }: Place, text: string, values: Added | undefined): void {
    // The same key mostly comes again at once, here or after the cell before, and is found without its number.
    let row = this.#first(slot)
    if (row < 0 || this.#textOf(row) !== text) {
      const like = row < 0 && before >= 0 ? this.#first(before) : -1
      const key =
        like >= 0 && this.#textOf(like) === text ? this.#rows.keyOf(like) : this.#spec.keys.numberOf(text)
      row = this.#find(slot, key)
      if (row < 0) row = this.#insert(slot, key)
    }
    if (row >= 0) this.#rows.add(row, values, time)
  }

  rows(slot: number): readonly { readonly key: string }[] {
    if (this.#count(slot) === 0) return []
    this.#prune(slot)
    return Array.from(this.#sorted(slot), (row) => this.#rows.object(row))
  }

  view(slot: number): TableRowView {
    this.#prune(slot)
    return new TableRowView(this.#rows, this.#sorted(slot).slice())
  }

  row(slot: number, text: string): { readonly key: string } | undefined {
    this.#prune(slot)
    const { keys } = this.#spec
    const key = keys.numberOf(text)
    const row = this.#find(slot, key)
    if (row >= 0) return this.#rows.object(row)
    keys.drop(key)
    return undefined
  }

  rowOf(slot: number, key: number): { readonly key: string } | undefined {
    this.#prune(slot)
    const row = this.#find(slot, key)
    return row < 0 ? undefined : this.#rows.object(row)
  }

  distinct(slot: number): number {
    this.#prune(slot)
    const limit = this.#limits.size > 0 ? this.#limits.get(slot) : undefined
    return limit === undefined ? this.#count(slot) : Math.round(this.#spec.rowsMax / (limit / hashSpace))
  }

  size(slot: number): number {
    return this.distinct(slot)
  }

  isComplete(slot: number): boolean {
    this.#prune(slot)
    return !this.#limits.has(slot)
  }

  merge(into: number, from: TableColumn, slot: number, rekey?: Rekey): void {
    if (from.#count(slot) === 0 && from.#limits.size === 0) return
    from.#prune(slot)
    const limit = from.#limits.size > 0 ? from.#limits.get(slot) : undefined
    // Under other keys the limit says nothing, but what was left out is missing here as well.
    if (limit !== undefined) this.#leaveOut(into, rekey ? hashSpace : limit)
    const { keys } = this.#spec
    const isShared = keys === from.#spec.keys && rekey === undefined
    for (let source = from.#first(slot); source >= 0; source = from.#rows.following(source)) {
      const own = from.#rows.keyOf(source)
      const key = isShared ? own : renumbered(from.#spec.keys.texts[own] as string, keys, rekey)
      if (key === undefined) continue
      const row = this.#find(into, key)
      if (row < 0) this.#insert(into, key, from.#rows, source)
      else this.#rows.joinRow(row, from.#rows, source)
    }
  }

  release(slot: number): void {
    if (this.#limits.size > 0) this.#limits.delete(slot)
    if (this.#count(slot) === 0) return
    for (let row = this.#first(slot); row >= 0; ) {
      const following = this.#rows.following(row)
      this.#rows.free(row)
      row = following
    }
    if (this.#count(slot) > indexedFrom) this.#indexes.drop(slot)
  }

  encode(slot: number, out: ByteWriter): void {
    this.#prune(slot)
    const sorted = this.#sorted(slot)
    out.uint(this.#limits.get(slot) ?? 0)
    out.uint(sorted.length)
    for (const row of sorted) this.#rows.encode(row, out)
  }

  decode(slot: number, from: ByteReader): void {
    const limit = from.uint()
    for (let count = from.uint(); count > 0; count--) {
      const row = this.#insert(slot, this.#spec.keys.read(from))
      this.#rows.decode(row, from)
    }
    if (limit > 0) this.#leaveOut(slot, limit)
  }

  #textOf(row: number): string | undefined {
    return this.#spec.keys.texts[this.#rows.keyOf(row)]
  }

  #first(slot: number): number {
    const { words, stride } = this.#records
    return (words[slot * stride + this.#offset] as number) - 1
  }

  #count(slot: number): number {
    const { words, stride } = this.#records
    return words[slot * stride + this.#offset + 1] as number
  }

  #hold(slot: number, first: number, count: number): void {
    const { words, stride } = this.#records
    const at = slot * stride + this.#offset
    words[at] = first + 1
    words[at + 1] = count
  }

  /** Rows by hash, then by key; dead after the next call. */
  #sorted(slot: number): Int32Array {
    return this.#order.sorted(this.#first(slot), this.#count(slot))
  }

  #find(slot: number, key: number): number {
    if (this.#count(slot) > indexedFrom) return this.#indexes.find(slot, key)
    const { words, stride } = this.#rows
    let row = this.#first(slot)
    while (row >= 0 && words[row * stride + 1] !== key) row = (words[row * stride] as number) - 1
    return row
  }

  /** Opens a row, like one of `from` or without values, unless its hash is out; -1 then. */
  #insert(slot: number, key: number, from?: TableRows, source = 0): number {
    const limit = this.#limits.size > 0 ? this.#limits.get(slot) : undefined
    if (limit !== undefined && (this.#spec.keys.hashes[key] as number) >= limit) {
      this.#spec.keys.drop(key)
      return -1
    }
    const head = this.#first(slot) + 1
    const row = from ? this.#rows.copy(from, source, key, head) : this.#rows.open(key, head)
    const count = this.#count(slot) + 1
    this.#hold(slot, row, count)
    if (count > indexedFrom + 1) this.#indexes.add(slot, key, row)
    else if (count > indexedFrom) this.#indexes.build(slot, row)
    // Pruned at twice the size, so that a pruning's sort is paid by as many insertions.
    if (count < this.#spec.rowsMax * 2) return row
    this.#prune(slot)
    return (this.#spec.keys.hashes[key] as number) < (this.#limits.get(slot) as number) ? row : -1
  }

  /** Keeps the smallest `rowsMax` hashes; the limit is the smallest hash that was left out. */
  #prune(slot: number): void {
    const { rowsMax } = this.#spec
    if (this.#count(slot) <= rowsMax) return
    const dropped = this.#sorted(slot)[rowsMax] as number
    this.#leaveOut(slot, this.#spec.keys.hashes[this.#rows.keyOf(dropped)] as number)
  }

  /** Keys whose hashes are at or above `limit` are out, here or where a merged cell comes from. */
  #leaveOut(slot: number, limit: number): void {
    const lowest = Math.min(limit, this.#limits.get(slot) ?? hashSpace)
    this.#limits.set(slot, lowest)
    const { hashes } = this.#spec.keys
    const { words } = this.#rows
    if (this.#count(slot) > indexedFrom) this.#indexes.drop(slot)
    let head = 0
    let count = 0
    for (let row = this.#first(slot); row >= 0; ) {
      const following = this.#rows.following(row)
      if ((hashes[this.#rows.keyOf(row)] as number) >= lowest) this.#rows.free(row)
      else {
        words[row * this.#rows.stride] = head
        head = row + 1
        count++
      }
      row = following
    }
    this.#hold(slot, head - 1, count)
    if (count > indexedFrom) this.#indexes.build(slot, head - 1)
  }
}

/** Number of the key under which a text of another column is kept here; none to leave it out. */
function renumbered(text: string, keys: Keys, rekey: Rekey | undefined): number | undefined {
  const renamed = rekey ? rekey(text) : text
  return renamed === undefined ? undefined : keys.numberOf(renamed)
}
