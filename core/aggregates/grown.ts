type Numbers = Int32Array | Uint32Array | Uint16Array | Uint8Array | Float64Array

/** A copy of a typed array with at least `length` places, and room for half as many again; new ones are 0. */
export function grown<A extends Numbers>(array: A, length: number): A {
  if (length <= array.length) return array
  const Typed = array.constructor as new (length: number) => A
  const copy = new Typed(Math.max(16, length, Math.ceil(array.length * 1.5)))
  copy.set(array)
  return copy
}
