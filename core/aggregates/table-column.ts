import { hashSpace, type KeyedHash } from '../hash/keyed-hash.ts'
import type { Column, Place, Rekey } from './aggregate.ts'
import type { ByteReader, ByteWriter } from './bytes.ts'
import { grown } from './grown.ts'
import type { Columns } from './table.ts'
import { type Added, TableRows } from './table-rows.ts'

export interface TableSpec {
  readonly rowsMax: number
  readonly columns: Columns
  readonly hash: KeyedHash
  readonly cursor: (column: TableColumn, place: Place) => unknown
}

/** What stands for a hash that nobody asked for. */
const unhashed = -1

/** Cells with more rows than this find them by a map instead of looking at each. */
const indexedFrom = 12

/**
 * Bottom-k samples by key (Cohen and Kaplan, "Summarizing data using bottom-k sketches", 2007). A key that is left out
 * has k smaller hashes before it, which never leave, so it can't come back with half of its facts. Hashes are made
 * when a sample has to choose or rows are to be ordered, which most cells never come to.
 */
export class TableColumn implements Column<unknown> {
  readonly #spec: TableSpec
  readonly #rows: TableRows
  /** First row of each cell plus one; 0 for none. */
  #head = new Int32Array(0)
  #count = new Int32Array(0)
  /** Of cells that left keys out: hashes at or above it are out for good. */
  readonly #limits = new Map<number, number>()
  readonly #indexes = new Map<number, Map<string, number>>()

  constructor(spec: TableSpec) {
    this.#spec = spec
    this.#rows = new TableRows(spec.columns)
  }

  get bytes(): number {
    return this.#rows.bytes + this.#head.byteLength + this.#count.byteLength + this.#indexes.size * 1024
  }

  cursor(place: Place): unknown {
    return this.#spec.cursor(this, place)
  }

  reserve(slots: number): void {
    this.#head = grown(this.#head, slots)
    this.#count = grown(this.#count, slots)
  }

  add(slot: number, key: string, values: Added | undefined, time: number): void {
    let row = this.#find(slot, key)
    if (row < 0) row = this.#insert(slot, key, unhashed)
    if (row >= 0) this.#rows.add(row, values, time)
  }

  rows(slot: number): readonly { readonly key: string }[] {
    if (this.#count[slot] === 0) return []
    return this.#sorted(slot).map((row) => this.#rows.object(row))
  }

  row(slot: number, key: string): { readonly key: string } | undefined {
    this.#prune(slot)
    const row = this.#find(slot, key)
    return row < 0 ? undefined : this.#rows.object(row)
  }

  distinct(slot: number): number {
    this.#prune(slot)
    const limit = this.#limits.get(slot)
    return limit === undefined
      ? (this.#count[slot] ?? 0)
      : Math.round(this.#spec.rowsMax / (limit / hashSpace))
  }

  size(slot: number): number {
    return this.distinct(slot)
  }

  isComplete(slot: number): boolean {
    this.#prune(slot)
    return !this.#limits.has(slot)
  }

  merge(into: number, from: TableColumn, slot: number, rekey?: Rekey): void {
    from.#prune(slot)
    const limit = from.#limits.get(slot)
    // Under other keys the limit says nothing, but what was left out is missing here as well.
    if (limit !== undefined) this.#leaveOut(into, rekey ? hashSpace : limit)
    for (let source = from.#first(slot); source >= 0; source = from.#following(source)) {
      const old = from.#rows.keys[source] as string
      const key = rekey ? rekey(old) : old
      if (key === undefined) continue
      let row = this.#find(into, key)
      if (row < 0) row = this.#insert(into, key, rekey ? unhashed : from.#rows.hash(source))
      if (row >= 0) this.#rows.joinRow(row, from.#rows, source)
    }
  }

  release(slot: number): void {
    if (this.#limits.size > 0) this.#limits.delete(slot)
    if (this.#count[slot] === 0) return
    for (let row = this.#first(slot); row >= 0; ) {
      const following = this.#following(row)
      this.#rows.free(row)
      row = following
    }
    this.#head[slot] = 0
    this.#count[slot] = 0
    this.#indexes.delete(slot)
  }

  encode(slot: number, out: ByteWriter): void {
    const sorted = this.#sorted(slot)
    const { names } = this.#rows
    out.uint(this.#limits.get(slot) ?? 0)
    out.uint(sorted.length)
    for (const row of sorted) {
      const values = names.map((_name, column) => this.#rows.value(row, column))
      out.text(this.#rows.keys[row] ?? '')
      out.uint(values.reduce<number>((mask, value, bit) => (value === undefined ? mask : mask + 2 ** bit), 0))
      for (const value of values) if (value !== undefined) out.float(value)
    }
  }

  decode(slot: number, from: ByteReader): void {
    const limit = from.uint()
    const { names } = this.#rows
    for (let count = from.uint(); count > 0; count--) {
      const row = this.#insert(slot, from.text(), unhashed)
      const mask = from.uint()
      for (let column = 0; column < names.length; column++) {
        if (Math.floor(mask / 2 ** column) % 2 === 1) this.#rows.set(row, column, from.float())
      }
    }
    if (limit > 0) this.#leaveOut(slot, limit)
  }

  #first(slot: number): number {
    return (this.#head[slot] as number) - 1
  }

  #following(row: number): number {
    return (this.#rows.next[row] as number) - 1
  }

  #find(slot: number, key: string): number {
    if ((this.#count[slot] as number) > indexedFrom) return this.#indexes.get(slot)?.get(key) ?? -1
    const { keys, next } = this.#rows
    for (let row = this.#first(slot); row >= 0; row = (next[row] as number) - 1) {
      if (keys[row] === key) return row
    }
    return -1
  }

  /** Opens a row, unless its hash is out; -1 then. */
  #insert(slot: number, key: string, hash: number): number {
    let known = hash
    if (this.#limits.size > 0) {
      const limit = this.#limits.get(slot)
      if (limit !== undefined) {
        if (known === unhashed) known = this.#spec.hash(key)
        if (known >= limit) return -1
      }
    }
    const row = this.#rows.open(key, known, this.#head[slot] as number)
    this.#head[slot] = row + 1
    const count = (this.#count[slot] as number) + 1
    this.#count[slot] = count
    if (count > indexedFrom) this.#index(slot, key, row, count)
    // Pruned at twice the size, so that a pruning's sort is paid by as many insertions.
    if (count < this.#spec.rowsMax * 2) return row
    this.#prune(slot)
    return this.#find(slot, key)
  }

  #index(slot: number, key: string, row: number, count: number): void {
    if (count > indexedFrom + 1) this.#indexes.get(slot)?.set(key, row)
    else this.#reindex(slot)
  }

  #reindex(slot: number): void {
    const index = new Map<string, number>()
    for (let row = this.#first(slot); row >= 0; row = this.#following(row)) {
      index.set(this.#rows.keys[row] as string, row)
    }
    this.#indexes.set(slot, index)
  }

  /** Rows by hash, then by key. */
  #sorted(slot: number): number[] {
    this.#prune(slot)
    return this.#ordered(slot)
  }

  #ordered(slot: number): number[] {
    const rows: number[] = []
    const { keys } = this.#rows
    for (let row = this.#first(slot); row >= 0; row = this.#following(row)) {
      if (this.#rows.hash(row) === unhashed) this.#rows.setHash(row, this.#spec.hash(keys[row] as string))
      rows.push(row)
    }
    return rows.sort(
      (left, right) =>
        this.#rows.hash(left) - this.#rows.hash(right) ||
        ((keys[left] as string) < (keys[right] as string) ? -1 : 1),
    )
  }

  /** Keeps the smallest `rowsMax` hashes; the limit is the smallest hash that was left out. */
  #prune(slot: number): void {
    const { rowsMax } = this.#spec
    if ((this.#count[slot] as number) <= rowsMax) return
    const dropped = this.#ordered(slot)[rowsMax] as number
    this.#leaveOut(slot, this.#rows.hash(dropped))
  }

  /** Keys whose hashes are at or above `limit` are out, here or where a merged cell comes from. */
  #leaveOut(slot: number, limit: number): void {
    const lowest = Math.min(limit, this.#limits.get(slot) ?? hashSpace)
    this.#limits.set(slot, lowest)
    let head = 0
    let count = 0
    for (const row of this.#ordered(slot)) {
      if (this.#rows.hash(row) >= lowest) this.#rows.free(row)
      else {
        this.#rows.next[row] = head
        head = row + 1
        count++
      }
    }
    this.#head[slot] = head
    this.#count[slot] = count
    if (count > indexedFrom) this.#reindex(slot)
    else this.#indexes.delete(slot)
  }
}
