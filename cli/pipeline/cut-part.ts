import type { IntakePart } from './intake.ts'
import type { Located } from './partition-lane.ts'

/**
 * Cuts a part before each event that `begins` another piece, given the first event of the piece so far and how many it
 * holds. News stay with the last piece, for they hold after all events.
 */
export function* cutPart(
  { items, news }: IntakePart,
  begins: (item: Located, first: Located, count: number) => boolean,
): Generator<IntakePart> {
  let start = 0
  for (const [index, item] of items.entries()) {
    if (index === 0 || !begins(item, items[start] ?? item, index - start)) continue
    yield { items: items.slice(start, index) }
    start = index
  }
  yield { items: items.slice(start), ...(news ? { news } : {}) }
}
