import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import process, { stderr, stdout } from 'node:process'
import { Command, Option } from 'commander'
import type { PicketConfig } from '../../config/picket-config.ts'
import { AnalyticsError } from '../../storage/clickhouse/analytics-error.ts'
import { outstanding } from '../../storage/spill/refilled-log.ts'
import { jsonLine } from '../render/json-line.ts'
import { Progress } from '../render/progress.ts'
import { safeText } from '../render/safe-text.ts'
import { type Connected, connectAnalytics, wantsAnalytics } from '../runtime/analytics.ts'
import { type DataDirFlags, loadWithDataDir } from '../runtime/data-dir.ts'
import { ExitError, exitCodes } from '../runtime/exit.ts'
import { readState } from '../runtime/read-state.ts'
import { type RefilledRange, type RefillOptions, refill } from '../runtime/refill/refill.ts'
import { type RefilledRows, refillKept } from '../runtime/refill/refill-kept.ts'
import { isOwned, lockRefill } from '../runtime/refill/refill-lock.ts'
import { configOption, dataDirOption, jsonOption } from './options.ts'

interface RefillFlags extends DataDirFlags {
  readonly dryRun?: boolean
  readonly json?: boolean
}

export function refillCommand(): Command {
  return new Command('refill')
    .description(
      'Fetches what is missing from the copies in ClickHouse: events from their sources, other rows from where they are kept.',
    )
    .addOption(configOption())
    .addOption(dataDirOption())
    .addOption(new Option('--dry-run', 'only tell what is missing, and whether its sources still have it'))
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
What did not fit into the disk queue while ClickHouse was away is recorded by source and offsets; detection missed none of it.
Rows of panes, findings, runs and decisions that ClickHouse refused are kept, and are inserted as well.
Rows that are there already are left out, so it may be stopped and called again. It may run beside picket run when ClickHouse
is a server; the embedded one belongs to picket run, which must be stopped for it.

With a cluster configured --data-dir is that of a process of the role copy; what ClickHouse refused is recorded there.

Exits with 4 when something is still missing, and says why: a log that was rotated away, an offset that Kafka deleted.

Examples:
  $ picket refill --dry-run
  $ picket refill --config picket.yaml
  $ picket refill --json | jq 'select(.outcome != "refilled")'`,
    )
    .action(refillAction)
}

async function refillAction(flags: RefillFlags): Promise<void> {
  const loaded = loadWithDataDir(flags)
  const { data_dir: dataDir, clickhouse } = loaded.config
  const folder = join(dataDir, 'spill')
  const recording = await recordingIn(loaded.config, folder)
  const isRunning = isOwned(dataDir)
  if (!wantsAnalytics(loaded.config))
    throw new ExitError(exitCodes.refused, 'no copies are kept: set clickhouse.url or clickhouse.embedded')
  if (isRunning && !flags.dryRun && clickhouse.url === undefined)
    throw new ExitError(
      exitCodes.refused,
      'picket run has the embedded ClickHouse open: stop it for the refill (it goes on where it was), or set clickhouse.url',
    )
  const lock = lockRefill(folder)
  const stop = new AbortController()
  const end = () => stop.abort()
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, end)
  const progress = new Progress(() => performance.now())
  const ranges: RefilledRange[] = []
  const kept: RefilledRows[] = []
  let store: Connected | undefined
  try {
    if (!flags.dryRun)
      store = await connectAnalytics(loaded.config, (problem) => stderr.write(`${problem}\n`))
    const all = refill({
      loaded,
      recording,
      folder,
      isRunning,
      signal: stop.signal,
      ...(store && { store: store.store }),
      onProgress: ({ partition }, offset, inserted) =>
        progress.show(() => `${safeText(partition, 200)} at ${offset}, ${inserted} rows inserted`),
    })
    for await (const one of all) {
      progress.done()
      ranges.push(one)
      stdout.write(`${flags.json ? jsonOf(one) : textOf(one)}\n`)
    }
    const rows = refillKept({ folder, signal: stop.signal, ...(store && { store: store.store }) })
    for await (const one of rows) {
      kept.push(one)
      stdout.write(`${flags.json ? jsonOfRows(one) : textOfRows(one)}\n`)
    }
  } catch (error) {
    if (error instanceof AnalyticsError) throw new ExitError(exitCodes.failed, safeText(error.message, 1500))
    throw error
  } finally {
    progress.done()
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.removeListener(name, end)
    await store?.close()
    lock.release()
  }
  conclude(ranges, kept, stop.signal.aborted, flags)
}

/** How records were read then: in the data folder, or in Kafka where the processes of a cluster keep it. */
async function recordingIn(config: PicketConfig, folder: string): Promise<RefillOptions['recording']> {
  if (!config.cluster) return readState(config.data_dir, (state) => state.recording())
  const { recordingOf } = await import('../cluster/ingest/recording-of.ts')
  return recordingOf(config, await outstanding(folder))
}

function conclude(
  ranges: readonly RefilledRange[],
  kept: readonly RefilledRows[],
  isStopped: boolean,
  { json, dryRun }: RefillFlags,
): void {
  const outcomes = [...ranges, ...kept].map(({ outcome }) => outcome)
  const left = outcomes.filter(({ kind }) => kind === 'gone' || kind === 'waits')
  const inserted = outcomes.reduce(
    (sum, outcome) => sum + (outcome.kind === 'refilled' ? outcome.inserted : 0),
    0,
  )
  if (!json) {
    const rows = ranges.reduce((sum, { range }) => sum + range.rows, 0)
    const others = kept.reduce((sum, one) => sum + one.rows, 0)
    const more = kept.length > 0 ? `, ${others} other rows in ${kept.length} batches` : ''
    if (outcomes.length === 0) stdout.write('nothing is missing from the copies\n')
    else
      stdout.write(
        `${rows} events in ${ranges.length} ranges${more}${dryRun ? '' : `, ${inserted} rows inserted`}\n`,
      )
  }
  if (isStopped) throw new ExitError(exitCodes.failed, 'stopped: call it again to go on')
  if (left.length > 0)
    throw new ExitError(
      exitCodes.refused,
      `${left.length} of ${outcomes.length} ranges and batches are still missing`,
    )
}

function jsonOf({ range, outcome }: RefilledRange): string {
  const { recorded: _recorded, ...place } = range
  const { kind, ...more } = outcome
  return jsonLine({ ...place, outcome: kind, ...more })
}

function textOf({ range, outcome }: RefilledRange): string {
  const { source, partition, first, last, rows } = range
  const where = `${safeText(source, 100)} ${safeText(partition, 300)} ${first}–${last}`
  if (outcome.kind === 'refilled')
    return `${where}: ${outcome.inserted} of ${outcome.found} events were missing, and are there now`
  if (outcome.kind === 'available') return `${where}: ${rows} events are missing, and can be fetched`
  return `${where}: ${rows} events are missing: ${safeText(outcome.why, 500)}`
}

function jsonOfRows({ table, rows, outcome: { kind, ...more } }: RefilledRows): string {
  return jsonLine({ table, rows, outcome: kind, ...more })
}

function textOfRows({ table, rows, outcome }: RefilledRows): string {
  if (outcome.kind === 'gone') return safeText(outcome.why, 500)
  const what = `${rows} rows of ${table} that ClickHouse refused`
  return outcome.kind === 'available'
    ? `${what} are kept`
    : `${what}: ${outcome.inserted} were missing, and are there now`
}
