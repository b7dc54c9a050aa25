import { foldedFrom, type KeyInMemory } from '../aggregates/aggregate.ts'
import type { Detector } from '../detector/detector.ts'

/** A cell of long memory and the pane's cell that fills it, by their places in the two shapes. */
export interface Fold {
  readonly into: number
  readonly from: number
  readonly keyOf: KeyInMemory | undefined
}

/** How long memory is filled from panes. */
export function foldsOf({ pane, memory }: Detector): Fold[] {
  const names = Object.keys(pane)
  return Object.values(memory).flatMap((aggregate, into) => {
    const source = foldedFrom(aggregate)
    return source ? [{ into, from: names.indexOf(source.name), keyOf: source.keyOf }] : []
  })
}
