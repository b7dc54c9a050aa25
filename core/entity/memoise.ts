/** Texts remembered by one function; then all are forgotten, which costs less than choosing. */
const textsMax = 50_000
/** Longer texts are not remembered: whoever sends them chooses how much memory they take, 25 MB a function at most. */
const textLengthMax = 256

/** A pure function of a text that remembers its answers, for texts that come again with every request. */
export function memoise<Answer>(answer: (text: string) => Answer): (text: string) => Answer {
  const known = new Map<string, { readonly answer: Answer }>()
  let lastText = ''
  let hasLast = false
  let last: Answer
  return function remembered(text) {
    if (hasLast && text === lastText) return last
    const found = known.get(text)
    if (found) last = found.answer
    else {
      last = answer(text)
      if (known.size >= textsMax) known.clear()
      if (text.length <= textLengthMax) known.set(text, { answer: last })
    }
    lastText = text
    hasLast = true
    return last
  }
}
