import { join } from 'node:path'
import { stderr, stdout } from 'node:process'
import { Command, InvalidArgumentError } from 'commander'
import { type BenchOptions, type Figure, figuresOf, type Measure } from './figure.ts'
import { figuresTable } from './figures-table.ts'
import { appendHistory, historyEntry } from './history.ts'
import { buildAll } from './machine.ts'

export const cacheFolder = join(import.meta.dirname, '..', '.cache', 'bench')

const eventsDefault = { full: 1_000_000, quick: 100_000 }

export interface BenchFlags {
  readonly events?: number
  readonly quick?: boolean
  readonly rounds: number
  readonly seed: number
  readonly only?: readonly string[]
  readonly json?: boolean
  readonly history: boolean
  readonly build: boolean
}

/** The options that `bench` and `bench:peers` share. */
export function benchCommand(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .option('--events <number>', `events of each workload (default ${eventsDefault.full})`, positive)
    .option('--quick', `${eventsDefault.quick} events, and less time where time is the measure`)
    .option('--rounds <number>', 'times that each thing is measured, in turns; medians count', positive, 3)
    .option('--seed <number>', 'seed of the workloads', positive, 1)
    .option('--only <id...>', 'measures or figures, by id')
    .option('--json', 'figures as JSON instead of a table')
    .option('--no-history', 'do not append to bench/history.ndjson')
    .option('--no-build', 'measure dist/ as it stands')
}

function positive(text: string): number {
  const number = Number(text)
  if (!Number.isSafeInteger(number) || number < 1) throw new InvalidArgumentError('write a number above 0')
  return number
}

/** Those named by their own id or that of one of their figures; all when none is named. Throws for unknown ids. */
export function chosenMeasures(measures: readonly Measure[], only: readonly string[] | undefined): Measure[] {
  const idsOf = ({ id, figures }: Measure) => [id, ...figures.map((figure) => figure.id)]
  const known = new Set(measures.flatMap(idsOf))
  const unknown = only?.filter((id) => !known.has(id)) ?? []
  if (unknown.length > 0)
    throw new Error(`no figure is called ${unknown.join(', ')}; there are ${[...known].join(', ')}`)
  return measures.filter((measure) => !only || idsOf(measure).some((id) => only.includes(id)))
}

/** Builds, measures, prints, remembers. */
export async function runBench(measures: readonly Measure[], flags: BenchFlags): Promise<readonly Figure[]> {
  const quick = flags.quick ?? false
  const options: BenchOptions = {
    events: flags.events ?? eventsDefault[quick ? 'quick' : 'full'],
    rounds: flags.rounds,
    seed: flags.seed,
    quick,
    built: true,
    folder: cacheFolder,
    report: (text) => stderr.write(`${text}\n`),
  }
  const chosen = chosenMeasures(measures, flags.only)
  if (flags.build) buildAll()
  const figures: Figure[] = []
  for (const measure of chosen) figures.push(...(await figuresOf(measure, options)))
  const entry = historyEntry(figures, options, new Date())
  if (flags.history) appendHistory(entry)
  const { cores, cpu, memoryGb, node } = entry.machine
  if (flags.json) stdout.write(`${JSON.stringify(entry, undefined, 2)}\n`)
  else {
    stdout.write(`${figuresTable(figures)}\n\n`)
    stdout.write(
      `${options.events} events, ${options.rounds} rounds; ${entry.commit}; ${cores} cores, ${cpu}, ${memoryGb} GB, node ${node}\n`,
    )
  }
  return figures
}
