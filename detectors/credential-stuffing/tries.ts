import type { Row, RowView, Table } from '../../core/aggregates/table.ts'
import { remembered } from '../../core/detector/remembered.ts'
import { networkId } from '../../core/entity/canonical-address.ts'
import type { tryColumns } from './cells.ts'

export type TryTable = Table<typeof tryColumns>
type TryRow = Row<typeof tryColumns>
export type TryView = RowView<typeof tryColumns>

/** What one account did at one address with one fingerprint; empty text where the log does not say. */
export interface Tries {
  /** Whom the tries are about: the account, or where there are no names the address. */
  readonly subject: string
  readonly address: string
  readonly network: string
  readonly fingerprint: string
  readonly failures: number
  readonly successes: number
  readonly firstFailure: number
  readonly lastFailure: number
  readonly lastSuccess: number
}

/** Failures by place: of both views, the fuller. */
export function failureCounts(view: TryView): Float64Array {
  return fuller(view.column('edge_failures'), view.column('service_failures'))
}

export function successCounts(view: TryView): Float64Array {
  return fuller(view.column('edge_successes'), view.column('service_successes'))
}

function fuller(edge: Float64Array, service: Float64Array): Float64Array {
  return edge.map((count, place) => Math.max(count || 0, service[place] || 0))
}

export function valueOr(column: Float64Array, place: number, absent: number): number {
  const value = column[place] as number
  return Number.isNaN(value) ? absent : value
}

export function failuresOf(row: TryRow): number {
  return Math.max(row.edge_failures ?? 0, row.service_failures ?? 0)
}

export function successesOf(row: TryRow): number {
  return Math.max(row.edge_successes ?? 0, row.service_successes ?? 0)
}

/** The rows of a window, and how many rows each of them stands for. */
export function triesOf(table: TryTable): { readonly tries: readonly Tries[]; readonly scale: number } {
  const tries = readRows(table.view())
  return { tries, scale: table.complete ? 1 : Math.max(1, table.distinct / Math.max(1, tries.length)) }
}

const readRows = remembered((view: TryView): readonly Tries[] => {
  const [failures, successes] = [failureCounts(view), successCounts(view)]
  const firstFailure = view.column('first_failure')
  const lastFailure = view.column('last_failure')
  const lastSuccess = view.column('last_success')
  const tries: Tries[] = []
  for (let place = 0; place < view.count; place++) {
    const { subject, address, network, fingerprint } = view.made(place, triedOf)
    tries.push({
      subject,
      address,
      network,
      fingerprint,
      failures: failures[place] as number,
      successes: successes[place] as number,
      firstFailure: valueOr(firstFailure, place, Number.POSITIVE_INFINITY),
      lastFailure: valueOr(lastFailure, place, Number.NEGATIVE_INFINITY),
      lastSuccess: valueOr(lastSuccess, place, Number.NEGATIVE_INFINITY),
    })
  }
  return tries
})

/** What the key of a row says. */
function triedOf(key: string): Pick<Tries, 'subject' | 'address' | 'network' | 'fingerprint'> {
  const [account = '', address = '', fingerprint = ''] = key.split('\u0000')
  const network = networkId(address.split('/')[0] ?? '') ?? ''
  return { subject: account === '' ? address : account, address, network, fingerprint }
}

/** All tries of one subject together. */
export interface Subject {
  readonly id: string
  readonly failures: number
  readonly successes: number
  readonly firstFailure: number
  readonly lastSuccess: number
  /** Addresses that it was tried from. */
  readonly addresses: number
  /** Its rows with failures: one for each address and fingerprint. */
  readonly failing: readonly Tries[]
}

export function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const key = keyOf(item)
    const group = groups.get(key)
    if (group) group.push(item)
    else groups.set(key, [item])
  }
  return groups
}

/** Subjects in the order of the rows, which is that of keyed hashes: the first of them are a fair sample. */
export const subjectsOf = remembered((tries: readonly Tries[]): readonly Subject[] =>
  [...groupBy(tries, (row) => row.subject)].map(([id, rows]) => {
    let [failures, successes] = [0, 0]
    let [firstFailure, lastSuccess] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
    for (const row of rows) {
      failures += row.failures
      successes += row.successes
      firstFailure = Math.min(firstFailure, row.firstFailure)
      lastSuccess = Math.max(lastSuccess, row.lastSuccess)
    }
    const addresses = rows.length === 1 ? 1 : new Set(rows.map((row) => row.address)).size
    const failing = rows.filter((row) => row.failures > 0)
    return { id, failures, successes, firstFailure, lastSuccess, addresses, failing }
  }),
)

/** Those of the subjects that only failed: most have not, and need not be put together. */
export const failedOnlyOf = remembered((tries: readonly Tries[]): readonly Subject[] => {
  const failing = new Set<string>()
  for (const row of tries) if (row.failures > 0) failing.add(row.subject)
  for (const row of tries) if (row.successes > 0) failing.delete(row.subject)
  return subjectsOf(tries.filter((row) => failing.has(row.subject)))
})

/** Number of different texts. */
export function countOf(tries: readonly Tries[], textOf: (row: Tries) => string): number {
  const texts = new Set<string>()
  for (const row of tries) texts.add(textOf(row))
  return texts.size
}

export function isFailedOnly(subject: Pick<Subject, 'failures' | 'successes'>): boolean {
  return subject.failures > 0 && subject.successes === 0
}

export function sum<T>(items: readonly T[], numberOf: (item: T) => number): number {
  let total = 0
  for (const item of items) total += numberOf(item)
  return total
}
