import type { Row, Table } from '../../core/aggregates/table.ts'
import { remembered } from '../../core/detector/remembered.ts'
import { networkId } from '../../core/entity/canonical-address.ts'
import type { tryColumns } from './cells.ts'

export type TryTable = Table<typeof tryColumns>
type TryRow = Row<typeof tryColumns>

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

export function failuresOf(row: TryRow): number {
  return Math.max(row.edge_failures ?? 0, row.service_failures ?? 0)
}

export function successesOf(row: TryRow): number {
  return Math.max(row.edge_successes ?? 0, row.service_successes ?? 0)
}

/** The rows of a window, and how many rows each of them stands for. */
export function triesOf(table: TryTable): { readonly tries: readonly Tries[]; readonly scale: number } {
  const tries = readRows(table.rows())
  return { tries, scale: table.complete ? 1 : Math.max(1, table.distinct / Math.max(1, tries.length)) }
}

const readRows = remembered((rows: readonly TryRow[]): readonly Tries[] => {
  const networks = new Map<string, string>()
  return rows.map((row): Tries => {
    const [account = '', address = '', fingerprint = ''] = row.key.split('\u0000')
    let network = networks.get(address)
    if (network === undefined) {
      network = networkId(address.split('/')[0] ?? '') ?? ''
      networks.set(address, network)
    }
    return {
      subject: account === '' ? address : account,
      address,
      network,
      fingerprint,
      failures: failuresOf(row),
      successes: successesOf(row),
      firstFailure: row.first_failure ?? Number.POSITIVE_INFINITY,
      lastFailure: row.last_failure ?? Number.NEGATIVE_INFINITY,
      lastSuccess: row.last_success ?? Number.NEGATIVE_INFINITY,
    }
  })
})

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

export function isFailedOnly(subject: Pick<Subject, 'failures' | 'successes'>): boolean {
  return subject.failures > 0 && subject.successes === 0
}

export function sum<T>(items: readonly T[], numberOf: (item: T) => number): number {
  let total = 0
  for (const item of items) total += numberOf(item)
  return total
}
