import { folded } from '../../core/aggregates/aggregate.ts'
import { counter } from '../../core/aggregates/counter.ts'
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

/** Answers of which an id that was never served, or of another tenant, has at least one. */
export const troubleBits = answerBits.refused | answerBits.missed | answerBits.foreign

/** Requests for a collection, such as `/orders`: pages of a list. */
export const listColumns = { edge: 'sum', service: 'sum' } as const

/** Key of an id within its route. */
export function idKey(route: string, id: string): string {
  return `${route}\u0000${id}`
}

/** Ids kept of a pane, and of an hour. */
export const idsKept = 2048

export const pane = {
  ids: table(idsKept, idColumns),
  lists: table(32, listColumns),
  /** Requests with such an answer: no fewer than ids in trouble, and known without merging ids. */
  troubled: counter(),
}
export const memory = {
  longIds: folded('ids', table(idsKept, idColumns)),
  longLists: folded('lists', table(32, listColumns)),
  longTroubled: folded('troubled', counter()),
}
