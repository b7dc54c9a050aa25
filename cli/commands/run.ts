import process from 'node:process'
import { Command, Option } from 'commander'
import type { LoadedConfig } from '../../config/load-config.ts'
import type { PicketConfig } from '../../config/picket-config.ts'
import type { Detector } from '../../core/detector/detector.ts'
import { parseRoles, type Role, roles } from '../cluster/roles.ts'
import { tallyText } from '../cluster/tally.ts'
import { loadAgain, loadWithDataDir } from '../runtime/data-dir.ts'
import { ExitError, exitCodes } from '../runtime/exit.ts'
import type { LiveOptions } from '../runtime/live.ts'
import { problemsExit } from '../runtime/load.ts'
import { openLog } from '../runtime/open-log.ts'
import { runSignals } from '../runtime/run-signals.ts'
import { startProblems } from '../runtime/start-problems.ts'
import { configOption, workersOption } from './options.ts'

interface RunFlags {
  readonly config?: string
  readonly dataDir?: string
  readonly workers?: number
  readonly roles?: readonly Role[]
}

export function runCommand(): Command {
  return new Command('run')
    .description('Judges live traffic and runs playbooks, until its sources end or it is stopped.')
    .addOption(configOption())
    .addOption(
      new Option(
        '--data-dir <folder>',
        'folder for state and copies (default: data_dir of the configuration)',
      ),
    )
    .addOption(workersOption())
    .addOption(rolesOption())
    .addHelpText(
      'after',
      `
Resumes where it stopped: positions, open windows, findings and decisions are one transaction in the data folder.
Touch the kill-switch file in the data folder to release all decisions and stop acting.
SIGHUP reads the configuration anew: playbooks, response, actions and log level change together, or nothing does, and
the log says why. SIGTERM and SIGINT stop within 20 s. /healthz, /readyz and /metrics are answered where status is configured.
Logs go to standard error, one JSON object a line: each finding, outcome of a step, decision and turn of the kill switch,
at most ten of a kind in a second.

With a cluster configured the roles ingest, detect, respond, serve and copy can be split over processes, with Kafka
between them, and all state is there: docs/cluster.md. Killing any of them loses nothing and does nothing twice.

Ends with code 2 at once where a secret, a file to read, a library or the data folder can't be had, and lists all of them. A
file to follow may come later.

Examples:
  $ picket run --config picket.yaml
  $ tail -F access.log | picket run --config stdin.yaml
  $ picket run --roles ingest,detect
  $ picket findings list            (in another terminal)
  $ picket dead-letters list        (what was refused as no event)`,
    )
    .action(run)
}

async function run(flags: RunFlags): Promise<void> {
  const { stop: signal, onReload } = runSignals()
  const loaded = await loadToRun(flags)
  const log = openLog(loaded.config.log.level)
  for (const notice of loaded.notices) log.warn(notice)
  const reloading = { wanted: onReload, load: () => loadAgain(flags) }
  const parts = { loaded, clock: { now: () => Date.now() }, log, signal, reloading }
  try {
    await work(parts, flags)
  } catch (error) {
    // Whoever collects the log is to find in it why it ended.
    if (error instanceof ExitError || !log.isLevelEnabled('fatal')) throw error
    log.fatal(error instanceof Error ? error.message : String(error))
    throw new ExitError(exitCodes.failed)
  }
  // A read of standard input that waits for its writer can't be taken back, and would hold the process.
  if (signal.aborted || loaded.config.cluster) process.exit(exitCodes.ok)
}

/** The configuration, with all that a run needs. Ends the process where something is missing. */
async function loadToRun(flags: RunFlags): Promise<LoadedConfig<Detector>> {
  const loaded = loadWithDataDir(flags)
  if (loaded.config.sources.length === 0) {
    throw new ExitError(
      exitCodes.usage,
      'no source is configured, so there is nothing to judge: add `sources:` to picket.yaml (picket.example.yaml shows a Kafka one and a file)',
    )
  }
  if (flags.roles && flags.roles.length < roles.length && !loaded.config.cluster) {
    throw new ExitError(
      exitCodes.usage,
      'roles are split over processes through Kafka: add `cluster:` to picket.yaml, or leave --roles out (docs/cluster.md)',
    )
  }
  const problems = await startProblems(loaded, flags.dataDir !== undefined)
  if (problems.length > 0) throw problemsExit(problems)
  return loaded
}

/** Runs until the sources end or the signal aborts, and logs what was done. */
async function work(parts: LiveOptions, flags: RunFlags): Promise<void> {
  const { log } = parts
  const { config } = parts.loaded
  // Loaded only here: gateways' and stores' libraries would slow the start of every other command.
  if (config.cluster) {
    const { runCluster } = await import('../cluster/run-cluster.ts')
    log.info(tallyText(await runCluster(parts, rolesOf(flags, config))))
    return
  }
  const { runLive } = await import('../runtime/live.ts')
  const { tally } = await runLive({ ...parts, workers: flags.workers ?? config.workers })
  const { data_dir: dataDir } = config
  log.info(`${tally.summary()}; state in ${dataDir}`)
  if (tally.refusedTotal > 0)
    log.info(`picket dead-letters list --data-dir ${dataDir} shows what was refused, and why`)
}

/** What this process does in a cluster; by default everything that the configuration has a use for. */
function rolesOf({ roles: given }: RunFlags, config: PicketConfig): readonly Role[] {
  if (config.clickhouse.url !== undefined) return given ?? roles
  if (!given?.includes('copy')) return given ?? roles.filter((role) => role !== 'copy')
  throw new ExitError(
    exitCodes.usage,
    'the role copy takes rows to ClickHouse: set clickhouse.url in picket.yaml, or leave it out',
  )
}

const rolesOption = () =>
  new Option(
    '--roles <list>',
    'with `cluster` in the configuration, what this process does: any of ingest, detect, respond, serve, copy (default: all)',
  ).argParser(parseRoles)
