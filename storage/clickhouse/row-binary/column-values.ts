/** Longer texts are cut, so that one hostile field cannot make the copies grow without bound. UTF-16 code units. */
export const textLengthMax = 8192
/** Larger JSON columns are replaced by a note of their size. UTF-16 code units. */
export const jsonLengthMax = 262_144
/** Longer lists are cut. */
export const listLengthMax = 256
/** What `Date` holds in ClickHouse and every partition name can show: from 1970 to the end of 2100. */
const instantMax = 4_133_980_799_999

/** A finite number or `null`. */
export function numberValue(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value + 0 : null
}

/** Epoch milliseconds for a `Nullable(DateTime64(3))` column; `null` outside of 1970–2100. */
export function instantValue(value: unknown): number | null {
  const instant = numberValue(value)
  if (instant === null || instant < 0 || instant > instantMax) return null
  return Math.floor(instant)
}

/** Epoch milliseconds for a column that partitions: what lies outside of 1970–2100 is moved to its edge. */
export function partitionInstant(value: number): number {
  // Not a number at all is moved too: `Math.max` would hand it through.
  return value > 0 ? Math.floor(Math.min(value, instantMax)) : 0
}

/** A value as JSON text; too long a one becomes a note. */
export function jsonValue(value: unknown): string {
  const text = JSON.stringify(value) ?? 'null'
  return text.length <= jsonLengthMax ? text : JSON.stringify({ omitted_length: text.length })
}
