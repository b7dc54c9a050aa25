type Numbers = Int32Array | Uint32Array | Uint8Array | Float64Array

/** A copy of a typed array with at least `length` places, and room for as many again; new ones are 0. */
export function grown<A extends Numbers>(array: A, length: number): A {
  if (length <= array.length) return array
  const Typed = array.constructor as new (length: number) => A
  const copy = new Typed(Math.max(16, length, array.length * 2))
  copy.set(array)
  return copy
}
