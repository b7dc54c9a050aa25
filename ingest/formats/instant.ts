/** Last instant taken, the end of year 9999: later ones have no ISO 8601 text of four digits. */
export const instantMax = 253_402_300_799_999

/** Numbers below it are seconds, others milliseconds: 1e11 s is year 5138, 1e11 ms is March 1973. */
const secondsBelow = 1e11

/** Epoch milliseconds of a number of milliseconds, whole and within 1970 to 9999. */
export function millisecondsInstant(value: number): number | undefined {
  return value >= 0 && value <= instantMax ? Math.floor(value) : undefined
}

/** Epoch milliseconds of a number of seconds or milliseconds, told apart by size. */
export function scaledInstant(value: number): number | undefined {
  return millisecondsInstant(value < secondsBelow ? Math.round(value * 1000) : value)
}

const isoShape =
  /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s?(Z|z|[+-]\d\d(?::?\d\d)?)$/

/**
 * Epoch milliseconds of ISO 8601 (RFC 3339) text with a zone; fractions are cut to milliseconds, a leap second is the
 * second after it. `undefined` without a zone, because a guess would shift every window by hours.
 */
export function isoInstant(text: string): number | undefined {
  if (text.length > 40) return undefined
  const parts = isoShape.exec(text)
  if (!parts) return undefined
  const [, year, month, day, hour, minute, second = '0', fraction = '', zone = 'Z'] = parts
  const offset = zoneMinutes(zone)
  const date = Date.UTC(Number(year), Number(month) - 1, Number(day))
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60 || offset === undefined)
    return undefined
  const check = new Date(date)
  // Of years below 100 `Date.UTC` makes some of the last century.
  const isSame =
    check.getUTCFullYear() === Number(year) &&
    check.getUTCMonth() === Number(month) - 1 &&
    check.getUTCDate() === Number(day)
  if (!isSame) return undefined
  const seconds = (Number(hour) * 60 + Number(minute) - offset) * 60 + Number(second)
  return millisecondsInstant(date + seconds * 1000 + Number(fraction.padEnd(3, '0').slice(0, 3)))
}

/** Minutes east of UTC of `Z`, `+02`, `+0200` or `+02:00`. */
export function zoneMinutes(zone: string): number | undefined {
  if (zone === 'Z' || zone === 'z') return 0
  const hours = Number(zone.slice(1, 3))
  const minutes = Number(zone.slice(-2)) * (zone.length > 3 ? 1 : 0)
  if (hours > 23 || minutes > 59) return undefined
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes)
}

const numeric = /^\d{1,16}(?:\.\d{1,9})?$/

/** Any spelling of an instant: a number or numeric text (seconds or milliseconds by size), or ISO 8601 text. */
export function anyInstant(value: unknown): number | undefined {
  if (typeof value === 'number') return scaledInstant(value)
  if (typeof value !== 'string') return undefined
  return numeric.test(value) ? scaledInstant(Number(value)) : isoInstant(value)
}
