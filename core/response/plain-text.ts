/** Control, format (bidi overrides, zero width), unpaired surrogates and line separators. */
const unprintable = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]+/gu

/** Text that an attacker may have written, made harmless for a terminal, page or log: one line, cut at `lengthMax`. */
export function plainText(text: string, lengthMax = 1024): string {
  const line = text.replace(unprintable, ' ').trim()
  if (line.length <= lengthMax) return line
  // A cut through a surrogate pair would leave half a character.
  return `${line.slice(0, lengthMax - 1).replace(/[\ud800-\udbff]$/, '')}…`
}
