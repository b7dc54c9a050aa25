/**
 * A copy of text that was cut from a longer one. V8 keeps the whole parent of a slice of 13 characters or more
 * alive, so an id kept in detector state would hold its 64 KiB line. Lone surrogates become U+FFFD on the way.
 */
export function ownText(text: string): string {
  return text.length < 13 && !surrogate.test(text) ? text : Buffer.from(text, 'utf8').toString('utf8')
}

/** At most `lengthMax` characters of the text, well-formed, holding no parent string alive if it was cut. */
export function cutText(text: string, lengthMax: number): string {
  if (text.length > lengthMax) return ownText(text.slice(0, lengthMax))
  return surrogate.test(text) && loneSurrogate.test(text) ? ownText(text) : text
}

const surrogate = /[\ud800-\udfff]/
const loneSurrogate = /\p{Surrogate}/u
