import { absent, type RowLayout } from './row-layout.ts'
import type { Columns, Join } from './table.ts'
import type { Added } from './table-rows.ts'

/** What stands for a column that could not be joined: there was none. */
export const allJoined = -1

/**
 * Joins the time of an event and named values to the row whose record starts at word `at`. Gives the first column whose value
 * no longer fits into 32 bits: it is not joined, nor are those after it.
 */
export type AddToRow = (
  words: Int32Array,
  floats: Float64Array,
  at: number,
  values: Added | undefined,
  time: number,
) => number

const written = new Map<string, AddToRow>()

/**
 * Writes the function for rows of these columns in this layout: one read and one write a column, where a loop over names would
 * look each name up. Names are quoted, and come from code. Tables that are alike share it.
 */
export function rowAdder(columns: Columns, layout: RowLayout): AddToRow {
  const key = `${layout.bits} ${JSON.stringify(columns)}`
  const known = written.get(key)
  if (known) return known
  const all = Object.entries(columns).map(([name, join], column) => ({ name, join, column }))
  const parts = (wanted: readonly (typeof all)[number][], value: (name: string) => string) =>
    wanted.map(({ name, join, column }) => joining(join, column, layout, value(name))).join('\n')
  const body = `
    let value
    ${parts(all.filter(isTime), () => 'time')}
    if (values === undefined) return ${allJoined}
    ${parts(
      all.filter((one) => !isTime(one)),
      (name) => `values[${JSON.stringify(name)}]`,
    )}
    return ${allJoined}`
  const made = new Function('words', 'floats', 'at', 'values', 'time', body) as AddToRow
  written.set(key, made)
  return made
}

/** Whether the column holds times of events, which are not given. */
export function isTime({ join }: { readonly join: Join }): boolean {
  return join === 'first' || join === 'last'
}

/** Joins one value, unless it is absent. */
function joining(join: Join, column: number, layout: RowLayout, value: string): string {
  const place = layout.places[column] as number
  const isWide = layout.isWide[column] as boolean
  const cell = isWide ? `floats[(at >> 1) + ${place}]` : `words[at + ${place}]`
  const isEmpty = isWide ? 'old !== old' : `old === ${absent}`
  const fits = isWide ? '' : `if ((value | 0) !== value || value === ${absent}) return ${column};`
  return `
    value = ${value}
    if (value !== undefined && value === value) {
      const old = ${cell}
      ${change(join, isEmpty, `${fits} ${cell} = value`)}
    }`
}

function change(join: Join, isEmpty: string, store: string): string {
  if (join === 'sum') return `if (!(${isEmpty})) value += old; ${store}`
  if (join === 'bits') return `if (!(${isEmpty})) value |= old; ${store}`
  const isNearer = join === 'min' || join === 'first' ? 'value < old' : 'value > old'
  return `if (${isEmpty} || ${isNearer}) { ${store} }`
}

/** The value that two make; as the written functions do it. */
export function joinOf(join: Join, old: number, value: number): number {
  if (join === 'sum') return old + value
  if (join === 'bits') return old | value
  return (join === 'min' || join === 'first') === value < old ? value : old
}
