export const hoursPerWeek = 168
export const hourMs = 3_600_000
/** The epoch began on a Thursday, 72 hours after a Monday's midnight. */
export const epochHourOfWeek = 72

/** Hour of the week of an instant (epoch milliseconds, from 1970): 0 is Monday 00:00–01:00 UTC, 167 the last of Sunday. */
export function hourOfWeek(at: number): number {
  return (Math.floor(at / hourMs) + epochHourOfWeek) % hoursPerWeek
}
