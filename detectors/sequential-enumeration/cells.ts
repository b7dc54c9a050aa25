import { folded } from '../../core/aggregates/aggregate.ts'
import { table } from '../../core/aggregates/table.ts'

/** Columns of a touched id: answers as bits, requests by vantage, event times. */
export const idColumns = {
  answers: 'bits',
  edge: 'sum',
  service: 'sum',
  first: 'first',
  last: 'last',
} as const

/** Bits of `answers`. */
export const answerBits = { served: 1, refused: 2, missed: 4, own: 8, foreign: 16, robot: 32 } as const

/** Requests for a collection, such as `/orders`: pages of a list. */
export const listColumns = { edge: 'sum', service: 'sum' } as const

/** Key of an id within its route. */
export function idKey(route: string, id: string): string {
  return `${route}\u0000${id}`
}

export const pane = { ids: table(2048, idColumns), lists: table(32, listColumns) }
export const memory = {
  longIds: folded('ids', table(2048, idColumns)),
  longLists: folded('lists', table(32, listColumns)),
}
