type Numbers = Int32Array | Uint32Array | Uint16Array | Uint8Array | Float64Array

/** Beyond so many places room that stands empty costs more than copying a little oftener. */
const largeFrom = 100_000

/** How many places to make when `length` are full. */
export function roomBeyond(length: number): number {
  return Math.max(16, Math.ceil(length * (length < largeFrom ? 1.5 : 1.2)))
}

/** A copy of a typed array with at least `length` places, and room beyond them; new ones are 0. */
export function grown<A extends Numbers>(array: A, length: number): A {
  if (length <= array.length) return array
  const Typed = array.constructor as new (length: number) => A
  const copy = new Typed(Math.max(length, roomBeyond(array.length)))
  copy.set(array)
  return copy
}
