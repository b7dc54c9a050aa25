/**
 * How the API answered for an object: `foreign` is a success for an object of another tenant, `excused` one that is
 * nobody's concern: an object of the caller's own tenant, or a page for a robot that says it is one, which is public.
 */
export type Answer = 'served' | 'foreign' | 'excused' | 'refused' | 'missed' | 'other'

/** One object that the caller touched. */
export interface Visit {
  readonly id: string
  readonly value: number
  readonly answer: Answer
  /** Requests for it, by the vantage that saw more of them. */
  readonly requests: number
  /** Epoch milliseconds. */
  readonly first: number
  readonly last: number
}

/** By number; equal numbers (`7` and `007`) by text. */
export function byValue(left: Visit, right: Visit): number {
  return left.value - right.value || (left.id < right.id ? -1 : left.id > right.id ? 1 : 0)
}

/** How the visits of a walk were answered. */
export interface Answers {
  readonly refused: number
  readonly missed: number
  readonly foreign: number
  /** Share of visits that point to objects of others; a miss counts half, because own objects get deleted too. */
  readonly trouble: number
}

export function answersOf(visits: readonly Visit[]): Answers {
  let [refused, missed, foreign] = [0, 0, 0]
  for (const { answer } of visits) {
    if (answer === 'refused') refused++
    else if (answer === 'missed') missed++
    else if (answer === 'foreign') foreign++
  }
  const trouble = (refused + foreign + missed / 2) / Math.max(1, visits.length)
  return { refused, missed, foreign, trouble }
}
