/** What JSON leaves as it is and a terminal may obey: C1 controls, direction and other invisible format characters. */
const obeyed = /[\u007f-\u009f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g

/** A value as one line of JSON in which nothing that an attacker wrote can act on a terminal; it parses to the same. */
export function jsonLine(value: unknown): string {
  return JSON.stringify(value).replace(
    obeyed,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
