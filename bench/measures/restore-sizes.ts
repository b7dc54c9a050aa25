import type { BenchOptions, FigureSpec, Outcome } from '../figure.ts'
import { shortNumber } from '../figures-table.ts'
import { inTurns } from '../rounds.ts'
import { runTask } from '../run-task.ts'

/** What a task says that has stored state. */
export interface Made {
  readonly entities: number
  readonly records: number
}

/** What a task says that has read it. */
export interface Read {
  readonly ms: number
  readonly bytes: number
  readonly entities: number
  readonly rssBytes: number
}

/** A principal of the workload is some four entities: itself, its address, its token and its network. */
export const restoreSizes = [
  { size: '100k', entities: 100_000, principals: 25_500 },
  { size: '1m', entities: 1_000_000, principals: 255_000 },
] as const

/** As with the figures of entities: a heap limit must not decide them. */
const flags = ['--max-old-space-size=12000']

/** The figures of one kind of store, by a prefix of their ids. */
export function restoreFigures(prefix: string, store: string): FigureSpec[] {
  return restoreSizes.map(({ size }) => ({
    id: `${prefix}-${size}`,
    what: `time from the state of ${size} entities in ${store} to an engine that goes on with them`,
    unit: 'ms',
    reference: `reading the same records from ${store}, and no more`,
    target: { of: 'ratio', below: 5 },
  }))
}

/** A task that stores state, one that reads it, and where it is. */
export interface RestoreTasks {
  readonly make: string
  readonly read: string
  readonly place: object
}

/** Stores the state of so many principals, then reads it alone and into an engine in turns. `noteOf` tells more of what was read last. */
export async function measureRestore<R extends Read>(
  principals: number,
  { make, read, place }: RestoreTasks,
  { built, rounds, quick }: BenchOptions,
  noteOf: (last: R) => string,
): Promise<Outcome> {
  const { entities, records } = await runTask<Made>(make, { ...place, principals }, { built, flags })
  let last: R | undefined
  const reading = (restore: boolean) => async () => {
    last = await runTask<R>(read, { ...place, restore }, { built, flags })
    return last.ms
  }
  const [reference = Number.NaN, value = Number.NaN] = await inTurns(quick ? 1 : rounds, [
    reading(false),
    reading(true),
  ])
  if (!last || last.entities !== entities)
    throw new Error(`${last?.entities} of ${entities} entities came back`)
  const megabytes = (bytes: number) => `${Math.round(bytes / 2 ** 20)} MB`
  const state = `${shortNumber(entities)} entities, ${shortNumber(records)} records, ${megabytes(last.bytes)} of state`
  return { value, reference, note: `${state}${noteOf(last)}; ${megabytes(last.rssBytes)} resident` }
}
