/** How two clients took turns, computed from instants at which each was surely active. */
export interface Turns {
  /** Fewest changes from one to the other that these instants allow; instants in between can only add some. */
  readonly count: number
  /** Instant of the last change, epoch milliseconds. */
  readonly last: number
  /** Shortest time between a use of one and the next use of the other, milliseconds. */
  readonly gapMs: number
  /** How long both were in use, from the later begin to the earlier end, milliseconds; below 0 when they never met. */
  readonly overlapMs: number
}

/**
 * Counts changes between `left` and `right`. Equal times are not "after": where both were active in one millisecond,
 * the order with fewer changes is taken. Both lists must hold something.
 */
export function turnsBetween(left: readonly number[], right: readonly number[]): Turns {
  const sides = new Map<number, number>()
  for (const time of left) sides.set(time, (sides.get(time) ?? 0) | 1)
  for (const time of right) sides.set(time, (sides.get(time) ?? 0) | 2)
  const instants = [...sides].sort(([before], [after]) => before - after)
  let endingLeft = 0
  let endingRight = 0
  let gapMs = Number.POSITIVE_INFINITY
  let last = 0
  let before: readonly [number, number] | undefined
  for (const [time, side] of instants) {
    if (side === 1)
      [endingLeft, endingRight] = [Math.min(endingLeft, endingRight + 1), Number.POSITIVE_INFINITY]
    else if (side === 2)
      [endingLeft, endingRight] = [Number.POSITIVE_INFINITY, Math.min(endingRight, endingLeft + 1)]
    else
      [endingLeft, endingRight] = [
        Math.min(endingRight + 1, endingLeft + 2),
        Math.min(endingLeft + 1, endingRight + 2),
      ]
    if (side === 3) gapMs = 0
    else if (before && (before[1] | side) === 3) gapMs = Math.min(gapMs, time - before[0])
    if (side === 3 || (before && before[1] !== side)) last = time
    before = [time, side]
  }
  const overlapMs =
    Math.min(Math.max(...left), Math.max(...right)) - Math.max(Math.min(...left), Math.min(...right))
  return { count: Math.min(endingLeft, endingRight), last, gapMs, overlapMs }
}
