/**
 * The same function, which works out once what it makes of an object: the rows of a window are read by `judge`, by
 * `measures` and by every instance of a detector. What it makes must depend on nothing else.
 */
export function remembered<From extends object, To>(make: (from: From) => To): (from: From) => To {
  const known = new WeakMap<From, { readonly made: To }>()
  return (from) => {
    const old = known.get(from)
    if (old) return old.made
    const made = make(from)
    known.set(from, { made })
    return made
  }
}
