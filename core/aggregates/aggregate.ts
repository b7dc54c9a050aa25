import type { ByteReader } from './byte-reader.ts'
import type { ByteWriter } from './byte-writer.ts'
import type { Keys } from './keys.ts'
import type { CellPlace } from './records.ts'

/**
 * How one fact about an entity is collected. A cell is a function of the *set* of what was added, never of its
 * order: `merge` is associative and commutative, and a cell survives `encode` and `decode` unchanged. The engine
 * owns the cells: their layout, life and size; a detector only adds to them and reads them.
 */
export interface Aggregate<Cell> {
  readonly kind: string
  /** Words that a cell takes in the record of its slot, an even number. */
  readonly words: number
  /** Opens the place where all cells of this aggregate live. */
  column(keys: Keys, at: CellPlace): Column<Cell>
}

/** Where a cursor stands. */
export interface Place {
  slot: number
  /** Of the event that is added there, epoch milliseconds. */
  time: number
  /** A slot in which much the same was added before, or −1: what is found there need not be looked up. */
  before: number
}

/**
 * The cells of one aggregate by slot, in typed arrays, because a million small objects cost more to keep and to
 * collect than all work on them. A record of zeros is an empty cell.
 */
export interface Column<Cell> {
  /** A view of the cell at `place`, wherever that moves. */
  cursor(place: Place): Cell
  /** How much was added, at most: no merged cell has more than its parts together. */
  size(slot: number): number
  /** Adds all of the cell `slot` of `from`, which stays as it is, to the cell `into`; `rekey` renames what has keys. */
  merge(into: number, from: Column<Cell>, slot: number, rekey?: Rekey): void
  /** Gives back what a cell holds beside its record, which is made zero after it. */
  release(slot: number): void
  encode(slot: number, out: ByteWriter): void
  /** Reads what `encode` wrote into an empty cell. */
  decode(slot: number, from: ByteReader): void
  /** Memory held beside the records, about. */
  readonly bytes: number
}

/** The named aggregates of a pane. */
export type Shape = Readonly<Record<string, Aggregate<unknown>>>

/** The cells of a shape. */
export type Cells<S extends Shape> = {
  readonly [Name in keyof S]: S[Name] extends Aggregate<infer Cell> ? Cell : never
}

/** The key under which long memory keeps what a pane, which starts at `paneStart`, has under `key`; none to leave it out. */
export type KeyInMemory = (key: string, paneStart: number) => string | undefined
export type Rekey = (key: string) => string | undefined

/** An aggregate of long memory that is filled from one of the pane when no window reaches that, and never added to. */
export interface Folded<Cell> extends Aggregate<Cell> {
  readonly foldedFrom: { readonly name: string; readonly keyOf?: KeyInMemory }
}

/** Remembers what the pane's aggregate `name` collected, so that nothing is added twice. */
export function folded<Cell>(name: string, aggregate: Aggregate<Cell>, keyOf?: KeyInMemory): Folded<Cell> {
  return { ...aggregate, foldedFrom: { name, ...(keyOf && { keyOf }) } }
}

/** What fills an aggregate of long memory; `undefined` for one that is added to. */
export function foldedFrom(aggregate: Aggregate<unknown>): Folded<unknown>['foldedFrom'] | undefined {
  return (aggregate as Partial<Folded<unknown>>).foldedFrom
}
