import type { RowView, Table } from '../../core/aggregates/table.ts'
import { remembered } from '../../core/detector/remembered.ts'
import { answerBits, type idColumns } from './cells.ts'
import { type ObjectNumber, objectNumbers } from './object-number.ts'
import { type Answer, byValue, type Visit } from './visit.ts'

export type Ids = Table<typeof idColumns>
type IdRows = RowView<typeof idColumns>

/** The visits of one route whose ids can be put in order, sorted by value. */
export interface Series {
  readonly route: string
  readonly name: string
  readonly partial: boolean
  readonly visits: readonly Visit[]
}

/** Share of the ids that the table kept. */
export function sampledShare(ids: Ids): number {
  return ids.complete ? 1 : Math.min(1, ids.view().count / ids.distinct)
}

/** Number of ids never served, or served though of another tenant. */
export const troubledCount = remembered((rows: IdRows): number => {
  let count = 0
  for (const answers of rows.column('answers')) if (isTrouble(answerOf(answers))) count++
  return count
})

export function isTrouble(answer: Answer): boolean {
  return answer === 'refused' || answer === 'missed' || answer === 'foreign'
}

/** All series with at least `visitsMin` visits, two or more, by route and name. */
export function seriesOf(rows: IdRows, visitsMin: number): readonly Series[] {
  const found: Series[] = []
  for (const group of routesOf(rows).values()) {
    if (group.places.length < visitsMin) continue
    for (const series of routeSeries(group)) if (series.visits.length >= visitsMin) found.push(series)
  }
  return found.sort((left, right) => compare(left.route, right.route) || compare(left.name, right.name))
}

/** Places of the rows of one route. */
interface RouteRows {
  readonly rows: IdRows
  readonly route: string
  readonly places: number[]
}

const routesOf = remembered((rows: IdRows): ReadonlyMap<string, RouteRows> => {
  const routes = new Map<string, RouteRows>()
  for (let place = 0; place < rows.count; place++) {
    const route = rows.made(place, routeOf)
    const group = routes.get(route)
    if (group) group.places.push(place)
    else routes.set(route, { rows, route, places: [place] })
  }
  return routes
})

/** The series of one route, but for those of a single visit. */
const routeSeries = remembered(({ rows, route, places }: RouteRows): readonly Series[] => {
  const [answers, edge, service] = [rows.column('answers'), rows.column('edge'), rows.column('service')]
  const [firsts, lasts] = [rows.column('first'), rows.column('last')]
  const series = new Map<string, { readonly partial: boolean; readonly visits: Visit[] }>()
  for (const place of places) {
    const answer = answerOf(answers[place] as number)
    const { id, readings } = rows.made(place, readId)
    const requests = Math.max(edge[place] || 0, service[place] || 0)
    const [first, last] = [firsts[place] || 0, lasts[place] || 0]
    for (const { series: name, value, partial } of readings) {
      const group = series.get(name) ?? { partial, visits: [] }
      series.set(name, group)
      group.visits.push({ id, value, answer, requests, first, last })
    }
  }
  return [...series]
    .filter(([, { visits }]) => visits.length > 1)
    .map(([name, { partial, visits }]) => ({ route, name, partial, visits: visits.sort(byValue) }))
})

function routeOf(key: string): string {
  return key.slice(0, key.indexOf('\u0000'))
}

/** The id of a key, and the ways to read it. */
function readId(key: string): { readonly id: string; readonly readings: readonly ObjectNumber[] } {
  const id = key.slice(key.indexOf('\u0000') + 1)
  return { id, readings: readingsOf(id) }
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

/** The best answer that an id got; of absent bits, which are NaN, `other`. */
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
