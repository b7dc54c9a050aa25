import { largestGroup, type TimeGroup, timeGroups } from './time-groups.ts'
import { inARow, stepMsMax } from './timeline.ts'

/** Events held until they decide about each other. Holding costs nothing in a replay: the end settles the rest. */
export const heldMax = 1024
/** A log may pause this long at its beginning; a few events further back come from a clock that was never set. */
const pauseMsMax = 31 * 24 * 3_600_000
/** So many further events confirm that a clock was set back by days, because all of them will be late. */
const setBackConfirmations = 64

/** What held events have to go on with. */
export interface Standing {
  /** Whether a time belongs to the timeline so far. */
  isNear(time: number): boolean
  /** Where that stands; −Infinity before there is one. */
  readonly reached: number
}

/** What most of the held events say, by their places. */
export interface Agreement {
  /** So many of the first are decided; what comes after them waits. */
  readonly decided: number
  readonly isAgreed: (place: number) => boolean
  /** The log's clock was set back: its timeline begins anew. */
  readonly isSetBack: boolean
  /** Where the timeline stands for the next ones. */
  readonly reached: number
}

/**
 * Lets the largest group of times that agree decide about all up to its n-th last member. It is the one that goes on
 * with a timeline that stands, unless others are more than twice as many; otherwise the one that more than half belong
 * to; or, in a log with days between its lines, the largest that no pause of a month divides.
 */
export function agreementOf(times: readonly number[], standing: Standing, nthLast: number): Agreement {
  const close = timeGroups(times, stepMsMax)
  const main = standingGroup(close, times, standing) ?? mainGroup(close, times)
  const isBehind = main.greatest < standing.reached - stepMsMax
  const isBelieved = !isBehind || main.places.length > setBackConfirmations
  const agreed = new Set([...main.places, ...pastOf(main, close, times, standing.reached)])
  const last = main.places.at(-Math.min(nthLast, main.places.length)) as number
  // When not even a few agree these are broken times, and deciding one by one would take long.
  const isBroken = main.places.length < inARow && times.length >= heldMax
  return {
    decided: isBroken ? Math.max(last + 1, heldMax / 2) : last + 1,
    isAgreed: (place) => (isBelieved && agreed.has(place)) || standing.isNear(times[place] as number),
    isSetBack: isBehind && isBelieved,
    reached: isBelieved ? main.least : standing.reached,
  }
}

function standingGroup(
  close: readonly TimeGroup[],
  times: readonly number[],
  { isNear }: Standing,
): TimeGroup | undefined {
  const near = times.map(isNear)
  const standing = largestGroup(close.filter(({ places }) => places.some((place) => near[place])))
  return standing && standing.places.length * 3 >= times.length ? standing : undefined
}

function mainGroup(close: readonly TimeGroup[], times: readonly number[]): TimeGroup {
  const largest = largestGroup(close)
  const isMajority = largest && largest.places.length * 2 > times.length
  return (isMajority ? largest : largestGroup(timeGroups(times, pauseMsMax))) as TimeGroup
}

/** What came before a group is the same log's past, unless it is a few events from long ago or from before `reached`. */
function pastOf(
  main: TimeGroup,
  close: readonly TimeGroup[],
  times: readonly number[],
  reached: number,
): number[] {
  const first = main.places[0] as number
  return close
    .filter(({ greatest }) => greatest < main.least)
    .filter(({ least, places }) => least >= main.least - pauseMsMax || places.length >= inARow)
    .flatMap(({ places }) => places.filter((place) => place < first && (times[place] as number) > reached))
}
