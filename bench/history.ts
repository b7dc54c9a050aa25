import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { BenchOptions, Figure } from './figure.ts'
import { type Machine, measuredCommit, thisMachine } from './machine.ts'

const historyPath = join(import.meta.dirname, 'history.ndjson')

/** One run of the bench: a line of `bench/history.ndjson`. */
export interface HistoryEntry {
  /** ISO 8601, UTC. */
  readonly date: string
  /** With `+` when the files measured differ from it. */
  readonly commit: string
  readonly machine: Machine
  readonly events: number
  readonly rounds: number
  readonly figures: readonly PastFigure[]
}

export type PastFigure = Pick<Figure, 'id' | 'unit' | 'outcome'>

export function historyEntry(
  figures: readonly Figure[],
  { events, rounds }: Pick<BenchOptions, 'events' | 'rounds'>,
  date: Date,
): HistoryEntry {
  return {
    date: date.toISOString(),
    commit: measuredCommit(),
    machine: thisMachine(),
    events,
    rounds,
    figures: figures.map(({ id, unit, outcome }) => ({ id, unit, outcome })),
  }
}

export function appendHistory(entry: HistoryEntry): void {
  appendFileSync(historyPath, `${JSON.stringify(entry)}\n`)
}

/** All runs, oldest first. */
export function readHistory(): readonly HistoryEntry[] {
  if (!existsSync(historyPath)) return []
  const lines = readFileSync(historyPath, 'utf8').trim().split('\n')
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as HistoryEntry)
}
