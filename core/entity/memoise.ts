/** Texts remembered by one function; then all are forgotten, which costs less than choosing. About 5 MB at most. */
const textsMax = 50_000
/** Longer texts are no addresses, and would make the memory large. */
const textLengthMax = 64

/** A pure function of a text that remembers its answers: parsing an address costs more than all else for an event. */
export function memoise(answer: (text: string) => string | undefined): (text: string) => string | undefined {
  const known = new Map<string, string | undefined>()
  return function remembered(text) {
    const found = known.get(text)
    if (found !== undefined || known.has(text)) return found
    const made = answer(text)
    if (known.size >= textsMax) known.clear()
    if (text.length <= textLengthMax) known.set(text, made)
    return made
  }
}
