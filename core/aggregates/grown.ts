type Numbers = Int32Array | Uint32Array | Uint16Array | Uint8Array | Float64Array

/**
 * How many places to make when `length` are full. Room that stands empty is no memory until it is written to, while every
 * copy is work and waste for the collector.
 */
export function roomBeyond(length: number): number {
  return Math.max(16, length * 2)
}

/** A copy of a typed array with at least `length` places, and room beyond them; new ones are 0. */
export function grown<A extends Numbers>(array: A, length: number): A {
  if (length <= array.length) return array
  const Typed = array.constructor as new (length: number) => A
  const copy = new Typed(Math.max(length, roomBeyond(array.length)))
  copy.set(array)
  return copy
}
