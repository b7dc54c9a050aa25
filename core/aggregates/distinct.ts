import type { KeyedHash } from '../hash/keyed-hash.ts'
import type { Aggregate } from './aggregate.ts'

/** How many different texts were added. */
export interface Distinct {
  /** Exact up to the limit; above it an estimate with about 2.3 % standard error. */
  readonly value: number
  readonly exact: boolean
  add(text: string): void
}

const precision = 11
const registerCount = 2 ** precision
const alpha = 0.7213 / (1 + 1.079 / registerCount)

/**
 * A set of hashes while small, HyperLogLog after (Flajolet et al. 2007, with linear counting below 2.5 m). Which of
 * the two it is depends only on the number of different texts, so it is a function of the set.
 */
class Counted implements Distinct {
  /** Absent while empty, and once there are registers. */
  hashes: Set<number> | undefined
  registers: Uint8Array | undefined
  readonly #hash: KeyedHash
  readonly #exactMax: number

  constructor(hash: KeyedHash, exactMax: number) {
    this.#hash = hash
    this.#exactMax = exactMax
  }

  get exact(): boolean {
    return this.registers === undefined
  }

  get value(): number {
    if (!this.registers) return this.hashes?.size ?? 0
    let inverse = 0
    let zeros = 0
    for (const rank of this.registers ?? []) {
      inverse += 2 ** -rank
      if (rank === 0) zeros++
    }
    const estimate = (alpha * registerCount * registerCount) / inverse
    const linear = zeros > 0 && estimate <= 2.5 * registerCount
    return Math.round(linear ? registerCount * Math.log(registerCount / zeros) : estimate)
  }

  add(text: string): void {
    this.addHash(this.#hash(text))
  }

  addHash(hash: number): void {
    if (this.registers) {
      this.#register(hash)
      return
    }
    this.hashes ??= new Set()
    this.hashes.add(hash)
    if (this.hashes.size > this.#exactMax) this.#overflow()
  }

  addRegisters(registers: Uint8Array): void {
    if (!this.registers) this.#overflow()
    const own = this.registers ?? new Uint8Array(registerCount)
    for (let index = 0; index < registerCount; index++) {
      const rank = registers[index] ?? 0
      if (rank > (own[index] ?? 0)) own[index] = rank
    }
    this.registers = own
  }

  #overflow(): void {
    const hashes = this.hashes ?? []
    this.registers = new Uint8Array(registerCount)
    this.hashes = undefined
    for (const hash of hashes) this.#register(hash)
  }

  #register(hash: number): void {
    const index = hash % registerCount
    // 42 bits remain after the index; the rank is the position of the first one among them.
    const rest = Math.floor(hash / registerCount)
    const rank = rest === 0 ? 43 : 42 - Math.floor(Math.log2(rest))
    const registers = this.registers as Uint8Array
    if (rank > (registers[index] ?? 0)) registers[index] = rank
  }
}

/** Distinct texts, counted exactly up to `exactMax` (8 bytes each), then in 2 KB. */
export function distinct(exactMax = 256): Aggregate<Distinct> {
  return {
    kind: `distinct(${exactMax})`,
    open: (hash) => new Counted(hash, exactMax),
    merge(into, from) {
      const [target, source] = [into as Counted, from as Counted]
      if (source.registers) target.addRegisters(source.registers)
      for (const hash of source.hashes ?? []) target.addHash(hash)
    },
    encode(cell, out) {
      const { hashes, registers } = cell as Counted
      out.uint(registers ? 1 : 0)
      if (registers) out.bytes(registers)
      else {
        out.uint(hashes?.size ?? 0)
        for (const hash of [...(hashes ?? [])].sort((left, right) => left - right)) out.uint(hash)
      }
    },
    decode(from, hash) {
      const cell = new Counted(hash, exactMax)
      if (from.uint() === 1) cell.addRegisters(from.bytes())
      else for (let count = from.uint(); count > 0; count--) cell.addHash(from.uint())
      return cell
    },
  }
}
