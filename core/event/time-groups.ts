/** Events whose times lie close together, by their places in the order of arrival. */
export interface TimeGroup {
  /** Ascending. */
  readonly places: readonly number[]
  readonly least: number
  readonly greatest: number
}

/** Cuts times into groups, earliest first: neighbours of one group are at most `gapMs` apart. */
export function timeGroups(times: readonly number[], gapMs: number): TimeGroup[] {
  const timeAt = (place: number) => times[place] as number
  const byTime = times.map((_, place) => place).sort((left, right) => timeAt(left) - timeAt(right))
  const groups: number[][] = []
  let before = Number.NEGATIVE_INFINITY
  for (const place of byTime) {
    if (timeAt(place) - before > gapMs) groups.push([])
    groups.at(-1)?.push(place)
    before = timeAt(place)
  }
  return groups.map((places) => ({
    least: timeAt(places[0] as number),
    greatest: timeAt(places.at(-1) as number),
    places: places.sort((left, right) => left - right),
  }))
}

/** The group with most events; of equals the earliest, because time that is behind makes nothing late. */
export function largestGroup(groups: readonly TimeGroup[]): TimeGroup | undefined {
  return groups.reduce<TimeGroup | undefined>(
    (largest, group) => (largest && largest.places.length >= group.places.length ? largest : group),
    undefined,
  )
}
