import type { Row, Table } from '../../core/aggregates/table.ts'
import { remembered } from '../../core/detector/remembered.ts'
import { answerBits, type idColumns } from './cells.ts'
import { type ObjectNumber, objectNumbers } from './object-number.ts'
import { type Answer, byValue, type Visit } from './visit.ts'

export type Ids = Table<typeof idColumns>
type IdRow = Row<typeof idColumns>

/** The visits of one route whose ids can be put in order, sorted by value. */
export interface Series {
  readonly route: string
  readonly name: string
  readonly partial: boolean
  readonly visits: readonly Visit[]
}

/** Share of the ids that the table kept. */
export function sampledShare(ids: Ids): number {
  return ids.complete ? 1 : Math.min(1, ids.rows().length / ids.distinct)
}

/** Number of ids never served, or served though of another tenant. */
export const troubledCount = remembered((rows: readonly IdRow[]): number => {
  let count = 0
  for (const row of rows) if (isTrouble(answerOf(row.answers ?? 0))) count++
  return count
})

export function isTrouble(answer: Answer): boolean {
  return answer === 'refused' || answer === 'missed' || answer === 'foreign'
}

/** All series with at least `visitsMin` visits, two or more, by route and name. */
export function seriesOf(rows: readonly IdRow[], visitsMin: number): readonly Series[] {
  const found: Series[] = []
  for (const group of routesOf(rows).values()) {
    if (group.length < visitsMin) continue
    for (const series of routeSeries(group)) if (series.visits.length >= visitsMin) found.push(series)
  }
  return found.sort((left, right) => compare(left.route, right.route) || compare(left.name, right.name))
}

/** The rows of each route. */
const routesOf = remembered((rows: readonly IdRow[]): ReadonlyMap<string, readonly IdRow[]> => {
  const routes = new Map<string, IdRow[]>()
  for (const row of rows) {
    const route = routeOf(row)
    const group = routes.get(route)
    if (group) group.push(row)
    else routes.set(route, [row])
  }
  return routes
})

/** The series of one route, but for those of a single visit. */
const routeSeries = remembered((rows: readonly IdRow[]): readonly Series[] => {
  const route = rows[0] ? routeOf(rows[0]) : ''
  const series = new Map<string, { readonly partial: boolean; readonly visits: Visit[] }>()
  for (const row of rows) {
    const answer = answerOf(row.answers ?? 0)
    const id = row.key.slice(route.length + 1)
    const requests = Math.max(row.edge ?? 0, row.service ?? 0)
    for (const { series: name, value, partial } of readingsOf(id)) {
      const group = series.get(name) ?? { partial, visits: [] }
      series.set(name, group)
      group.visits.push({ id, value, answer, requests, first: row.first ?? 0, last: row.last ?? 0 })
    }
  }
  return [...series]
    .filter(([, { visits }]) => visits.length > 1)
    .map(([name, { partial, visits }]) => ({ route, name, partial, visits: visits.sort(byValue) }))
})

function routeOf({ key }: IdRow): string {
  return key.slice(0, key.indexOf('\u0000'))
}

/**
 * The ways to read an id as a number. That of an object within others (`17/1`) may count up by itself, within the same
 * parent, or stay while the parent's counts up.
 */
function readingsOf(id: string): readonly ObjectNumber[] {
  const slash = id.lastIndexOf('/')
  if (slash < 0) return objectNumbers(id)
  const [parents, own] = [id.slice(0, slash), id.slice(slash + 1)]
  return [
    ...objectNumbers(own).flatMap((number) => [number, { ...number, series: `${parents}/${number.series}` }]),
    ...objectNumbers(parents).map((number) => ({ ...number, series: `${number.series}/${own}/` })),
  ]
}

/** The best answer that an id got. */
function answerOf(bits: number): Answer {
  if (bits & answerBits.served) {
    if (bits & (answerBits.own | answerBits.robot)) return 'excused'
    return bits & answerBits.foreign ? 'foreign' : 'served'
  }
  if (bits & answerBits.refused) return 'refused'
  return bits & answerBits.missed ? 'missed' : 'other'
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0
}
