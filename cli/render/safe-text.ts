/** Control characters, bidirectional overrides and other invisible format characters. */
const unsafe = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}]/gu

/**
 * Text that an attacker may have written, safe to print in a terminal: what could move the cursor, colour or reorder
 * the line is shown as an escape, and it is cut to `lengthMax` characters.
 */
export function safeText(text: string, lengthMax = 80): string {
  const shown = text.replace(unsafe, (character) => `\\u{${character.codePointAt(0)?.toString(16) ?? ''}}`)
  return shown.length > lengthMax ? `${shown.slice(0, lengthMax - 1)}…` : shown
}

/** Text of several lines, each made safe and none cut: for messages of our own that repeat what somebody wrote. */
export function safeLines(text: string): string {
  return text
    .split('\n')
    .map((line) => safeText(line, Number.POSITIVE_INFINITY))
    .join('\n')
}
