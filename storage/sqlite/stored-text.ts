// A lone surrogate has no UTF-8 form: SQLite would store U+FFFD, and two keys would become one. NUL is legal in
// SQLite text, but its shell and its string functions stop there.
const needsEscape = /^"|\0|\p{Surrogate}/u

/** Text for a key column: itself, or its JSON string where SQLite would not keep it. One to one. */
export function storedText(text: string): string {
  return needsEscape.test(text) ? JSON.stringify(text) : text
}

/** The inverse of `storedText`; throws `SyntaxError` for what it cannot have written. */
export function originalText(stored: string): string {
  if (!stored.startsWith('"')) return stored
  const text: unknown = JSON.parse(stored)
  if (typeof text !== 'string') throw new SyntaxError('expected a JSON string')
  return text
}
