import type { KeyedHash } from '../hash/keyed-hash.ts'
import type { ByteReader, ByteWriter } from './bytes.ts'

/**
 * How one fact about an entity is collected. A cell is a function of the *set* of what was added, never of its
 * order: `merge` is associative and commutative, and a cell survives `encode` and `decode` unchanged. The engine
 * owns the cells: their layout, life and size; a detector only adds to them and reads them.
 */
export interface Aggregate<Cell> {
  readonly kind: string
  open(hash: KeyedHash): Cell
  /** Adds all of `from` to `into`; `from` stays as it is. */
  merge(into: Cell, from: Cell): void
  encode(cell: Cell, out: ByteWriter): void
  decode(from: ByteReader, hash: KeyedHash): Cell
}

/** The named aggregates of a pane. */
export type Shape = Readonly<Record<string, Aggregate<unknown>>>

/** The cells that a shape opens. */
export type Cells<S extends Shape> = {
  readonly [Name in keyof S]: S[Name] extends Aggregate<infer Cell> ? Cell : never
}

/** Opens every cell of a shape. */
export function openCells<S extends Shape>(shape: S, hash: KeyedHash): Cells<S> {
  const cells: Record<string, unknown> = {}
  for (const name in shape) cells[name] = shape[name]?.open(hash)
  return cells as Cells<S>
}

/** Merges the named cells of `from` into those of `into`. */
export function mergeCells<S extends Shape>(shape: S, into: Cells<S>, from: Cells<S>): void {
  for (const name in shape) shape[name]?.merge(into[name], from[name])
}

export function encodeCells<S extends Shape>(shape: S, cells: Cells<S>, out: ByteWriter): void {
  for (const name in shape) shape[name]?.encode(cells[name], out)
}

export function decodeCells<S extends Shape>(shape: S, from: ByteReader, hash: KeyedHash): Cells<S> {
  const cells: Record<string, unknown> = {}
  for (const name in shape) cells[name] = shape[name]?.decode(from, hash)
  return cells as Cells<S>
}
