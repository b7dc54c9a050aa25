import { type Cells, folded } from '../../core/aggregates/aggregate.ts'
import { table } from '../../core/aggregates/table.ts'
import type { Window } from '../../core/detector/detector.ts'

/** Instants are event times. `edge` and `service` count the two views of a use apart, so that none counts twice. */
const placeColumns = {
  first: 'first',
  last: 'last',
  edge: 'sum',
  service: 'sum',
  accepted: 'sum',
  asn: 'max',
  country: 'max',
} as const
const markColumns = { first: 'first', last: 'last', edge: 'sum', service: 'sum', by: 'max' } as const
const serviceColumns = { hit: 'sum', miss: 'sum', alien: 'sum', sure: 'sum' } as const

/** What one minute tells of a token. Keys of `marks` are `Mark`s, so that no flood of keys can push one out. */
export const pane = {
  places: table(128, placeColumns),
  marks: table(8, markColumns),
  services: table(32, serviceColumns),
  subjects: table(4, { uses: 'sum' }),
  issuers: table(4, { uses: 'sum' }),
  audience: table(8, { uses: 'sum' }),
}

/** Length of a row of remembered places: whole panes. */
const visitMs = 15 * 60_000

/** What is remembered: places by quarter of an hour, life marks, and where the audience was right. */
export const memory = {
  visits: folded('places', table(512, placeColumns), (key, start) => `${Math.floor(start / visitMs)}|${key}`),
  life: folded('marks', table(8, markColumns), (key) =>
    key === 'login' || key === 'logout' ? key : undefined,
  ),
  known: folded('services', table(32, serviceColumns)),
}

export type Mark = 'use' | 'login' | 'logout' | 'early' | 'late'
export type PaneCells = Cells<typeof pane>
export type MemoryCells = Cells<typeof memory>
export type TokenWindow = Window<typeof pane, typeof memory>
export type PlaceRow = ReturnType<PaneCells['places']['rows']>[number]
export type MarkRow = ReturnType<PaneCells['marks']['rows']>[number]

/** The row of a mark, if there is one. */
export function markOf(marks: PaneCells['marks'], mark: Mark): MarkRow | undefined {
  return marks.row(mark)
}

/** One use seen at the edge and by a service is one use. */
export function usesOf(row: { readonly edge?: number; readonly service?: number }): number {
  return Math.max(row.edge ?? 0, row.service ?? 0)
}
