/** What JSON leaves as it is and a terminal may obey: controls, direction and other invisible format characters. */
const obeyed = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

/** A value as one line of JSON in which nothing that an attacker wrote can act on a terminal; it parses to the same. */
export function jsonLine(value: unknown): string {
  return inertJson(JSON.stringify(value))
}

/** The same for a line of JSON that is written already. */
export function inertJson(line: string): string {
  return line.replace(obeyed, escaped)
}

/** One escape for each UTF-16 unit, as JSON writes what lies beyond 16 bits. */
function escaped(character: string): string {
  return Array.from(
    { length: character.length },
    (_, at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`,
  ).join('')
}
