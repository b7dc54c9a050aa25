const precision = 11
const registerCount = 2 ** precision
const alpha = 0.7213 / (1 + 1.079 / registerCount)

/** Registers of an empty HyperLogLog counter (Flajolet, Fusy, Gandouet and Meunier, 2007). */
export function newRegisters(): Uint8Array {
  return new Uint8Array(registerCount)
}

/**
 * Notes a hash of 53 bits: 11 choose the register, 42 remain, and the rank is the place of the first 1 among them. Returns
 * whether that says anything new.
 */
export function fillRegister(registers: Uint8Array, hash: number): boolean {
  const index = hash % registerCount
  const rest = Math.floor(hash / registerCount)
  const rank = rest === 0 ? 43 : 42 - Math.floor(Math.log2(rest))
  const isNew = rank > (registers[index] as number)
  if (isNew) registers[index] = rank
  return isNew
}

/** Makes `into` count the union of both. */
export function joinRegisters(into: Uint8Array, from: Uint8Array): void {
  for (let index = 0; index < registerCount; index++) {
    const rank = from[index] ?? 0
    if (rank > (into[index] ?? 0)) into[index] = rank
  }
}

/** Number of different hashes noted, with linear counting below 2.5 times the number of registers. */
export function estimateOf(registers: Uint8Array): number {
  let inverse = 0
  let zeros = 0
  for (const rank of registers) {
    inverse += 2 ** -rank
    if (rank === 0) zeros++
  }
  const estimate = (alpha * registerCount * registerCount) / inverse
  const isLinear = zeros > 0 && estimate <= 2.5 * registerCount
  return Math.round(isLinear ? registerCount * Math.log(registerCount / zeros) : estimate)
}
