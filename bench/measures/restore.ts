import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { BenchOptions, FigureSpec, Measure, Outcome } from '../figure.ts'
import { shortNumber } from '../figures-table.ts'
import { inTurns } from '../rounds.ts'
import { runTask } from '../run-task.ts'

interface Made {
  readonly entities: number
  readonly records: number
}

interface Read {
  readonly ms: number
  /** Reading the whole file, in one piece. */
  readonly fileMs: number
  readonly bytes: number
  readonly entities: number
  readonly rssBytes: number
}

/** A principal of the workload is some four entities: itself, its address, its token and its network. */
const sizes = [
  ['100k', 100_000, 25_500],
  ['1m', 1_000_000, 255_000],
] as const
type Size = (typeof sizes)[number][0]

/** As with the figures of entities: a heap limit must not decide them. */
const flags = ['--max-old-space-size=12000']

const spec = (size: Size): FigureSpec => ({
  id: `restore-${size}`,
  what: `time from the state of ${size} entities in SQLite to an engine that goes on with them`,
  unit: 'ms',
  reference: 'reading the same records from SQLite, and no more',
  target: { of: 'ratio', below: 5 },
})

/** What a start costs, by what is alive. */
export const restore: Measure = {
  id: 'restore',
  figures: sizes.map(([size]) => spec(size)),
  async run(options) {
    const outcomes = new Map<string, Outcome>()
    for (const [size, entities, principals] of sizes) {
      const isWanted = entities <= Math.max(100_000, options.events)
      outcomes.set(
        `restore-${size}`,
        isWanted
          ? await measured(size, principals, options)
          : { unavailable: `needs --events ${entities} or more` },
      )
    }
    return outcomes
  },
}

async function measured(size: Size, principals: number, options: BenchOptions): Promise<Outcome> {
  const { built, rounds, quick } = options
  const folder = join(options.folder, `restore-${size}`)
  rmSync(folder, { recursive: true, force: true })
  options.report(`restore: the state of ${size} entities`)
  try {
    const made = await runTask<Made>('make-state', { folder, principals }, { built, flags })
    let last: Read | undefined
    const read = (isRestored: boolean) => async () => {
      last = await runTask<Read>('restore-state', { folder, restore: isRestored }, { built, flags })
      return last.ms
    }
    const [reading = Number.NaN, restoring = Number.NaN] = await inTurns(quick ? 1 : rounds, [
      read(false),
      read(true),
    ])
    return { value: restoring, reference: reading, note: noteOf(made, last) }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function noteOf({ entities, records }: Made, last: Read | undefined): string {
  if (!last || last.entities !== entities)
    throw new Error(`${last?.entities} of ${entities} entities came back`)
  const megabytes = (bytes: number) => `${Math.round(bytes / 2 ** 20)} MB`
  return `${shortNumber(entities)} entities, ${shortNumber(records)} records, ${megabytes(last.bytes)} of state; reading the file in one piece ${Math.round(last.fileMs)} ms; ${megabytes(last.rssBytes)} resident`
}
