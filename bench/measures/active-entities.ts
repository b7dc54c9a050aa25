import type { BenchOptions, FigureSpec, Measure, Outcome } from '../figure.ts'
import { shortNumber } from '../figures-table.ts'
import { inTurns, median } from '../rounds.ts'
import { runTask } from '../run-task.ts'

interface Held {
  readonly microsPerEvent: number
  readonly rssBytes: number
  readonly held: Readonly<Record<string, number>>
}

const sizes = [
  ['10k', 10_000],
  ['100k', 100_000],
  ['1m', 1_000_000],
] as const
type Size = (typeof sizes)[number][0]

/** The heap may grow as far as the machine allows: the figure is what is used, not what is allowed. */
const flags = ['--max-old-space-size=12000', '--expose-gc']
/** Detectors that see every principal of the workload, by their principals or their tokens. */
const touched = ['sequential-enumeration', 'jti-reuse'] as const

function memorySpec(size: Size): FigureSpec {
  return {
    id: `memory-${size}`,
    what: `greatest resident memory of the engine process with ${size} principals active in one window`,
    unit: 'MB',
    ...(size === '10k' ? {} : { reference: 'with 10k' }),
    ...(size === '1m' ? { target: { of: 'value' as const, below: 1024 } } : {}),
  }
}

function costSpec(size: Size): FigureSpec {
  return {
    id: `entity-cost-${size}`,
    what: `cost of an event in the engine with ${size} principals active in one window`,
    unit: 'µs',
    ...(size === '10k' ? {} : { reference: 'with 10k' }),
    ...(size === '1m' ? { target: { of: 'ratio' as const, below: 1.3 } } : {}),
  }
}

/** Memory and cost by the number of entities that are active at once, sealing included. */
export const activeEntities: Measure = {
  id: 'entities',
  figures: sizes.flatMap(([size]) => [memorySpec(size), costSpec(size)]),
  async run(options) {
    const runs = new Map<Size, Held[]>()
    const failures = new Map<Size, string>()
    const wanted = sizes.filter(([, principals]) => principals <= Math.max(10_000, options.events))
    const once =
      ([size, principals]: (typeof sizes)[number]) =>
      async () => {
        options.report(`entities: ${size} principals`)
        try {
          const held = await runTask<Held>('hold-entities', { principals }, { built: options.built, flags })
          runs.set(size, [...(runs.get(size) ?? []), held])
          return held.microsPerEvent
        } catch (error) {
          failures.set(size, error instanceof Error ? error.message : String(error))
          return Number.NaN
        }
      }
    await inTurns(roundsOf(options), wanted.map(once))
    return outcomesOf(runs, failures)
  },
}

/** A million entities take long; a round of them says enough when time is short. */
function roundsOf({ rounds, quick }: BenchOptions): number {
  return quick ? 1 : rounds
}

function outcomesOf(
  runs: ReadonlyMap<Size, readonly Held[]>,
  failures: ReadonlyMap<Size, string>,
): ReadonlyMap<string, Outcome> {
  const outcomes = new Map<string, Outcome>()
  const medians = (size: Size) => {
    const held = runs.get(size) ?? []
    return {
      cost: median(held.map(({ microsPerEvent }) => microsPerEvent)),
      memory: median(held.map(({ rssBytes }) => rssBytes / 2 ** 20)),
    }
  }
  const least = medians('10k')
  for (const [size, principals] of sizes) {
    const [last] = (runs.get(size) ?? []).slice(-1)
    if (!last) {
      const unavailable = failures.get(size) ?? `needs --events ${principals} or more`
      outcomes.set(`memory-${size}`, { unavailable }).set(`entity-cost-${size}`, { unavailable })
      continue
    }
    const { cost, memory } = medians(size)
    const note = heldNote(last, principals)
    const isLeast = size === '10k'
    outcomes.set(`memory-${size}`, { value: memory, note, ...(isLeast ? {} : { reference: least.memory }) })
    outcomes.set(`entity-cost-${size}`, { value: cost, note, ...(isLeast ? {} : { reference: least.cost }) })
  }
  return outcomes
}

/** What is held at the end; a bound that binds makes the number look better than it is, and is named. */
function heldNote({ held }: Held, principals: number): string {
  const total = Object.values(held).reduce((sum, count) => sum + count, 0)
  const short = touched.filter((id) => (held[id] ?? 0) < principals)
  const bound = short.map(
    (id) => `${id} holds only ${shortNumber(held[id] ?? 0)} of ${shortNumber(principals)}`,
  )
  return [`${shortNumber(total)} entities held in all detectors`, ...bound].join('; ')
}
