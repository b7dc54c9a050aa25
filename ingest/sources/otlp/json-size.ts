const quote = 0x22
const backslash = 0x5c
/** An opening brace or bracket, or a comma: what a value begins with, or what lies before one. */
const signs = new Set([0x7b, 0x5b, 0x2c])

/**
 * Whether a text of JSON may hold more than so many values. To parse `{},{},…` takes ten times as long as to parse as many
 * bytes of what anybody means, and nothing else goes on meanwhile.
 */
export function jsonHoldsMoreThan(max: number, text: Buffer): boolean {
  let count = 0
  for (let at = 0; at < text.length; at++) {
    const byte = text[at] as number
    if (byte === quote) {
      for (at++; at < text.length && text[at] !== quote; at++) if (text[at] === backslash) at++
    } else if (signs.has(byte) && ++count > max) return true
  }
  return false
}
