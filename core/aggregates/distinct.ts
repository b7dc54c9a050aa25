import type { KeyedHash } from '../hash/keyed-hash.ts'
import type { Aggregate, Column, Place } from './aggregate.ts'
import type { ByteReader } from './byte-reader.ts'
import type { ByteWriter } from './byte-writer.ts'
import { estimateOf, fillRegister, joinRegisters, newRegisters } from './hyper-log-log.ts'
import type { CellPlace, Records } from './records.ts'

/** How many different texts were added. */
export interface Distinct {
  /** Exact up to the limit; above it an estimate with about 2.3 % standard error. */
  readonly value: number
  readonly exact: boolean
  /** Returns whether it may be the first time: where it is false, no cell that holds all that this one holds changes either. */
  add(text: string): boolean
}

/** Hashes while they are few, HyperLogLog registers after. */
type Many = Set<number> | Uint8Array

/**
 * A set of hashes while small, HyperLogLog after. Which of the two it is depends only on the number of different
 * texts, so it is a function of the set. The first hash of a cell, mostly the only one, needs no set.
 */
class DistinctColumn implements Column<Distinct> {
  readonly #records: Records
  /** Where the record has the first hash plus one; 0 for none. */
  readonly #offset: number
  /** All hashes of the cells with more than one, or registers. */
  readonly #many = new Map<number, Many>()
  /** The newest look-up in it: what counts all traffic is asked for with every event. */
  #lastSlot = -1
  #last: Many | undefined
  readonly #hash: KeyedHash
  readonly #exactMax: number

  constructor(hash: KeyedHash, exactMax: number, { records, offset }: CellPlace) {
    this.#hash = hash
    this.#exactMax = exactMax
    this.#records = records
    this.#offset = offset >> 1
  }

  get bytes(): number {
    return this.#many.size * 512
  }

  cursor(place: Place): Distinct {
    return new DistinctCursor(this, place)
  }

  isExact(slot: number): boolean {
    return !(this.#manyOf(slot) instanceof Uint8Array)
  }

  size(slot: number): number {
    return this.value(slot)
  }

  value(slot: number): number {
    if (this.#first(slot) === 0) return 0
    const many = this.#manyOf(slot)
    if (many === undefined) return 1
    return many instanceof Set ? many.size : estimateOf(many)
  }

  add(slot: number, text: string): boolean {
    return this.#addHash(slot, this.#hash(text))
  }

  merge(into: number, from: DistinctColumn, slot: number): void {
    const first = from.#first(slot)
    if (first === 0) return
    const many = from.#manyOf(slot)
    if (many === undefined) this.#addHash(into, first - 1)
    else if (many instanceof Set) for (const hash of many) this.#addHash(into, hash)
    else this.#addRegisters(into, many)
  }

  release(slot: number): void {
    if (this.#first(slot) === 0 || this.#many.size === 0) return
    this.#many.delete(slot)
    if (this.#lastSlot === slot) this.#lastSlot = -1
  }

  encode(slot: number, out: ByteWriter): void {
    const many = this.#manyOf(slot)
    out.uint(many instanceof Uint8Array ? 1 : 0)
    if (many instanceof Uint8Array) {
      out.bytes(many)
      return
    }
    const first = this.#first(slot)
    const hashes = many ? [...many].sort((left, right) => left - right) : first === 0 ? [] : [first - 1]
    out.uint(hashes.length)
    for (const hash of hashes) out.uint(hash)
  }

  decode(slot: number, from: ByteReader): void {
    if (from.uint() === 1) this.#addRegisters(slot, from.bytes())
    else for (let count = from.uint(); count > 0; count--) this.#addHash(slot, from.uint())
  }

  #first(slot: number): number {
    const { floats, stride } = this.#records
    return floats[slot * (stride >> 1) + this.#offset] as number
  }

  #manyOf(slot: number): Many | undefined {
    if (slot !== this.#lastSlot) {
      this.#last = this.#many.get(slot)
      this.#lastSlot = slot
    }
    return this.#last
  }

  #setMany(slot: number, many: Many): void {
    this.#many.set(slot, many)
    this.#lastSlot = slot
    this.#last = many
  }

  #setFirst(slot: number, first: number): void {
    const { floats, stride } = this.#records
    floats[slot * (stride >> 1) + this.#offset] = first
  }

  #addHash(slot: number, hash: number): boolean {
    const first = this.#first(slot)
    if (first === hash + 1) return false
    if (first === 0) {
      this.#setFirst(slot, hash + 1)
      return true
    }
    let many = this.#manyOf(slot)
    if (many instanceof Uint8Array) return fillRegister(many, hash)
    if (many === undefined) {
      many = new Set([first - 1])
      this.#setMany(slot, many)
    }
    const before = many.size
    many.add(hash)
    if (many.size > this.#exactMax) this.#estimated(slot)
    return many.size !== before
  }

  #addRegisters(slot: number, registers: Uint8Array): void {
    joinRegisters(this.#estimated(slot), registers)
  }

  /** The registers of a cell, which counts by them from now on. */
  #estimated(slot: number): Uint8Array {
    const many = this.#manyOf(slot)
    if (many instanceof Uint8Array) return many
    const registers = newRegisters()
    const first = this.#first(slot)
    if (many) for (const hash of many) fillRegister(registers, hash)
    else if (first > 0) fillRegister(registers, first - 1)
    this.#setMany(slot, registers)
    if (first === 0) this.#setFirst(slot, 1)
    return registers
  }
}

class DistinctCursor implements Distinct {
  readonly #column: DistinctColumn
  readonly #place: Place

  constructor(column: DistinctColumn, place: Place) {
    this.#column = column
    this.#place = place
  }

  get value(): number {
    return this.#column.value(this.#place.slot)
  }

  get exact(): boolean {
    return this.#column.isExact(this.#place.slot)
  }

  add(text: string): boolean {
    return this.#column.add(this.#place.slot, text)
  }
}

/** Distinct texts, counted exactly up to `exactMax`, then in 2 KB. */
export function distinct(exactMax = 256): Aggregate<Distinct> {
  return {
    kind: `distinct(${exactMax})`,
    words: 2,
    column: ({ hash }, at) => new DistinctColumn(hash, exactMax, at),
  }
}
