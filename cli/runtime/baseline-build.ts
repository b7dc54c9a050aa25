import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Baseline } from '../../core/baseline/baseline.ts'
import { serializeBaseline } from '../../core/baseline/baseline-codec.ts'
import { buildBaseline, historyHoursMin } from '../../core/baseline/build-baseline.ts'
import { hourMs } from '../../core/baseline/hour-of-week.ts'
import type { Lane } from '../../core/detector/finding.ts'
import type { AnalyticsStore } from '../../core/ports/analytics-store.ts'
import { makeFolder } from '../../storage/make-folder.ts'
import { openReadOnly } from '../../storage/sqlite/sqlite-state-store.ts'
import { StateError } from '../../storage/sqlite/state-error.ts'
import { readMarks } from '../pipeline/marks.ts'

export interface BaselineParts {
  readonly dataDir: string
  readonly space: string
  readonly store: Pick<AnalyticsStore, 'measureBuckets'>
  /** The engine's watermark, where there is one; else that of the last commit is read. */
  readonly watermark?: () => number
}

/** There is too little to cut a baseline from; what is in force stays. */
export class NoHistory extends Error {
  override readonly name = 'NoHistory'
}

/** The file that `picket run` puts in force when it starts. */
export function baselinePath(dataDir: string): string {
  return join(dataDir, 'baseline.json')
}

/**
 * Cuts a baseline from the sealed panes of `spanMs` up to the last full hour of event time; with `keep` it is written
 * to the data folder. The hook of the control socket, and what the command does itself when nothing is running.
 *
 * @throws NoHistory, and what the store rejects with
 */
export function baselineBuilder(parts: BaselineParts) {
  return async function build(request: {
    readonly lane: Lane
    readonly spanMs: number
    readonly keep: boolean
  }): Promise<Baseline> {
    const { dataDir, space, store } = parts
    const { lane, spanMs, keep } = request
    const to = Math.floor((await eventTime(parts)) / hourMs) * hourMs
    const query = { space, lane, from: Math.max(0, to - spanMs), to }
    const buckets = await store.measureBuckets(query)
    const span = `between ${new Date(query.from).toISOString()} and ${new Date(to).toISOString()}`
    if (buckets.length === 0) {
      throw new NoHistory(
        `there are no panes of space ${space}, lane ${lane} ${span}: let picket run see traffic first`,
      )
    }
    const baseline = buildBaseline(query, buckets)
    if (baseline.snapshot.histories.length === 0) {
      const needed = `an entity counts from ${historyHoursMin} different hours of the week on`
      throw new NoHistory(`the history of space ${space}, lane ${lane} ${span} is too short: ${needed}`)
    }
    if (keep) writeBaseline(baselinePath(dataDir), baseline)
    return baseline
  }
}

/** Where event time stands: the watermark of the last commit, or the clock where this machine has no state. */
async function eventTime({ dataDir, watermark: current }: BaselineParts): Promise<number> {
  const now = current?.()
  if (now !== undefined && Number.isFinite(now)) return now
  try {
    const state = await openReadOnly(dataDir)
    try {
      const watermark = readMarks((await state.restore()).marks)?.watermark
      if (watermark !== undefined && Number.isFinite(watermark)) return watermark
    } finally {
      await state.close()
    }
  } catch (error) {
    if (!(error instanceof StateError && error.code === 'absent')) throw error
  }
  return Date.now()
}

/** Whole or not at all: a reader sees the old file or the new one, also after a power cut. */
export function writeBaseline(path: string, baseline: Baseline): void {
  makeFolder(dirname(path))
  const partial = `${path}.${process.pid}.tmp`
  try {
    const file = openSync(partial, 'w', 0o600)
    try {
      writeFileSync(file, serializeBaseline(baseline))
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(partial, path)
  } catch (error) {
    rmSync(partial, { force: true })
    throw error
  }
}
