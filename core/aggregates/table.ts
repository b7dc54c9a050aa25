import { hashSpace, type KeyedHash } from '../hash/keyed-hash.ts'
import type { Aggregate } from './aggregate.ts'

/** How a column joins two values: all are commutative and associative. `bits` joins integers below 2^31 by OR. */
export type Column = 'sum' | 'min' | 'max' | 'bits'
export type Columns = Readonly<Record<string, Column>>

/** A key with its columns; a column is absent until something was added to it. */
export type Row<C extends Columns> = { readonly key: string } & { readonly [Name in keyof C]?: number }

/** Facts by key, for at most `rowsMax` keys: those with the smallest keyed hashes, a fair sample of all. */
export interface Table<C extends Columns> {
  add(key: string, values?: { readonly [Name in keyof C]?: number | undefined }): void
  /** Rows in the order of their hashes, which is random but the same for the same set. */
  rows(): readonly Row<C>[]
  /** Number of different keys ever added: exact while all are kept, else estimated from the sample. */
  readonly distinct: number
  /** False when keys were left out and the rows are a sample. */
  readonly complete: boolean
}

interface Entry {
  readonly hash: number
  readonly row: { key: string } & Record<string, number | string | undefined>
}

/** What all tables of one aggregate share. */
interface TableSpec {
  readonly columns: readonly (readonly [string, Column])[]
  readonly rowsMax: number
  readonly hash: KeyedHash
}

const noEntries: ReadonlyMap<string, Entry> = new Map()

/**
 * Bottom-k sample by key (Cohen and Kaplan, "Summarizing data using bottom-k sketches", 2007). A key that is left out
 * has k smaller hashes before it, which never leave, so it can't come back with half of its facts.
 */
class BottomK<C extends Columns> implements Table<C> {
  readonly #spec: TableSpec
  /** Absent until the first row: most cells that a pane opens stay empty. */
  #entries: Map<string, Entry> | undefined
  /** Hashes at or above it are out for good. */
  #limit = hashSpace
  #dropped = false

  constructor(spec: TableSpec) {
    this.#spec = spec
  }

  add(key: string, values?: Readonly<Record<string, number | undefined>>): void {
    const entry = this.#entries?.get(key) ?? this.#insert(key, this.#spec.hash(key))
    if (entry && values) this.#join(entry.row, values)
  }

  rows(): readonly Row<C>[] {
    return this.entries().map((entry) => entry.row as unknown as Row<C>)
  }

  get complete(): boolean {
    this.#prune()
    return !this.#dropped
  }

  get distinct(): number {
    this.#prune()
    if (!this.#dropped) return this.#entries?.size ?? 0
    return Math.round(this.#spec.rowsMax / (this.#limit / hashSpace))
  }

  entries(): readonly Entry[] {
    this.#prune()
    return [...(this.#entries ?? noEntries).values()].sort((left, right) => left.hash - right.hash)
  }

  merge(from: BottomK<C>): void {
    from.#prune()
    if (from.#dropped) this.markDropped(from.#limit)
    for (const { hash, row } of (from.#entries ?? noEntries).values()) {
      const own = this.#entries?.get(row.key) ?? this.#insert(row.key, hash)
      if (own) this.#join(own.row, row as Readonly<Record<string, number | undefined>>)
    }
  }

  get limit(): number {
    this.#prune()
    return this.#dropped ? this.#limit : 0
  }

  /** Keys at or above `limit` were left out where this state comes from. */
  markDropped(limit: number): void {
    this.#dropped = true
    if (limit < this.#limit) this.#limit = limit
    for (const [key, entry] of this.#entries ?? noEntries) {
      if (entry.hash >= this.#limit) this.#entries?.delete(key)
    }
  }

  /** Opens a row, unless its hash is out. */
  #insert(key: string, hash: number): Entry | undefined {
    if (hash >= this.#limit) {
      this.#dropped = true
      return undefined
    }
    const entry: Entry = { hash, row: { key } }
    this.#entries ??= new Map()
    this.#entries.set(key, entry)
    // Pruned at twice the size, so that a pruning's sort is paid by as many insertions.
    if (this.#entries.size >= this.#spec.rowsMax * 2) this.#prune()
    return entry
  }

  #join(row: Entry['row'], values: Readonly<Record<string, number | undefined>>): void {
    const { columns } = this.#spec
    for (let index = 0; index < columns.length; index++) {
      const [name, column] = columns[index] as readonly [string, Column]
      const value = values[name]
      if (value === undefined) continue
      const old = row[name] as number | undefined
      if (old === undefined) row[name] = value
      else if (column === 'sum') row[name] = old + value
      else if (column === 'bits') row[name] = old | value
      else row[name] = column === 'min' ? Math.min(old, value) : Math.max(old, value)
    }
  }

  /** Keeps the smallest `rowsMax` hashes; the limit is the smallest hash that was left out. */
  #prune(): void {
    const { rowsMax } = this.#spec
    if (!this.#entries || this.#entries.size <= rowsMax) return
    const sorted = [...this.#entries.values()].sort((left, right) => left.hash - right.hash)
    for (const { row } of sorted.slice(rowsMax)) this.#entries.delete(row.key)
    this.#limit = sorted[rowsMax]?.hash ?? hashSpace
    this.#dropped = true
  }
}

/** Facts by key with the given columns, for a sample of at most `rowsMax` keys (about 150 bytes each). */
export function table<const C extends Columns>(rowsMax: number, columns: C): Aggregate<Table<C>> {
  const names = Object.keys(columns)
  const pairs = Object.entries(columns)
  let spec: TableSpec | undefined
  function open(hash: KeyedHash): BottomK<C> {
    if (spec?.hash !== hash) spec = { columns: pairs, rowsMax, hash }
    return new BottomK(spec)
  }
  return {
    kind: `table(${rowsMax},${JSON.stringify(columns)})`,
    open,
    merge: (into, from) => (into as BottomK<C>).merge(from as BottomK<C>),
    encode(cell, out) {
      const own = cell as BottomK<C>
      const entries = own.entries()
      out.uint(own.limit)
      out.uint(entries.length)
      for (const { row } of entries) {
        out.text(row.key)
        out.uint(names.reduce((mask, name, bit) => (row[name] === undefined ? mask : mask + 2 ** bit), 0))
        for (const name of names) if (row[name] !== undefined) out.float(row[name] as number)
      }
    },
    decode(from, hash) {
      const cell = open(hash)
      const limit = from.uint()
      for (let count = from.uint(); count > 0; count--) {
        const key = from.text()
        const mask = from.uint()
        const values: Record<string, number> = {}
        names.forEach((name, bit) => {
          if (Math.floor(mask / 2 ** bit) % 2 === 1) values[name] = from.float()
        })
        cell.add(key, values)
      }
      if (limit > 0) cell.markDropped(limit)
      return cell
    },
  }
}
