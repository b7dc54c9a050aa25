import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { LoadedConfig } from '../../config/load-config.ts'
import { resolveSecret } from '../../config/secret.ts'
import type { Detector } from '../../core/detector/detector.ts'
import { Watermarks } from '../../core/engine/watermarks.ts'
import type { Clock } from '../../core/ports/clock.ts'
import { durationMs } from '../../core/time/duration.ts'
import { ReplicatedTable } from '../../enforcement/replicated-table.ts'
import { fixedPublicKey } from '../../ingest/privacy/pseudonym.ts'
import { openStateStore } from '../../storage/sqlite/sqlite-state-store.ts'
import { openTeam } from '../parallel/engine-team.ts'
import { threadCommits } from '../parallel/state-thread.ts'
import { Pipeline } from '../pipeline/pipeline.ts'
import { type Analytics, openAnalytics } from './analytics.ts'
import { announceReady } from './announce-ready.ts'
import { baselineBuilder, baselinePath } from './baseline-build.ts'
import { baselineOf } from './baseline-file.ts'
import { Closers } from './closers.ts'
import { startControlSocket } from './control-socket.ts'
import { copyingStore } from './copying-store.ts'
import { createDetection } from './detection.ts'
import { startEnforcement } from './enforcement.ts'
import { killSwitchFile } from './kill-switch-file.ts'
import { killSwitchWatch } from './kill-switch-watch.ts'
import { laneOpener } from './lanes.ts'
import { lookAfter, readSources } from './live-loops.ts'
import { openLiveSource } from './live-sources.ts'
import { openCopier } from './open-copier.ts'
import { openDeadLetters } from './open-dead-letters.ts'
import { OperatorLog } from './operator-log.ts'
import { pageReceiver } from './page-receiver.ts'
import { runSetup } from './recording/run-setup.ts'
import { type InForce, type Reloading, startReloading } from './reload/reloading.ts'
import { createResponder } from './responder.ts'
import { configContext } from './shipped.ts'
import { aborted, sleepUntil } from './signal-waits.ts'
import { openStatus } from './status/open-status.ts'
import type { RunStatus } from './status/run-status.ts'
import { selfWatch } from './status/self-watch-of.ts'
import { tellingStore } from './telling-store.ts'
import { WaitingStore } from './waiting-store.ts'
import { realWaits } from './waits.ts'
import { wantedFields } from './wanted-fields.ts'

/** A receiver that hangs must not keep the process from stopping. */
const stopMsMax = 10_000

export interface LiveOptions {
  readonly loaded: LoadedConfig<Detector>
  readonly clock: Clock
  readonly log: Logger
  /** Aborts on SIGINT and SIGTERM. */
  readonly signal: AbortSignal
  /** Threads that judge, this one included; as configured when absent. */
  readonly workers?: number
  readonly reloading?: Reloading
}

/**
 * Judges live traffic until its sources end or the signal aborts. Resumes where the last commit stood; returns after
 * the last commit, with everything closed.
 */
export async function runLive(options: LiveOptions): Promise<Pipeline> {
  const { loaded, log } = options
  const closers = new Closers(log)
  try {
    const status = await openStatus({ ...options, config: loaded.config }, closers)
    const state = await openStateStore(loaded.config.data_dir, { openCommits: threadCommits })
    const store = new WaitingStore(state, { log, signal: options.signal, sleep: sleepUntil })
    closers.add(() => store.close())
    const analytics = await openAnalytics(loaded.config, (problem) => log.warn(problem))
    if (analytics) closers.add(() => analytics.close())
    return await judge({ ...options, status, inForce: { loaded } }, store, analytics, closers)
  } finally {
    await closers.close()
  }
}

interface Judging extends LiveOptions {
  readonly status: RunStatus
  readonly inForce: InForce
}

/** Everything of a run that works together, put together. */
async function assemble(
  { loaded, clock, log, workers: wanted, status, inForce }: Judging,
  store: WaitingStore,
  analytics: Analytics | undefined,
  closers: Closers,
) {
  const { config, detectors } = loaded
  const { data_dir: dataDir } = config
  const key =
    config.privacy.key === undefined ? fixedPublicKey : Buffer.from(resolveSecret(config.privacy.key))
  const baseline = baselineOf(baselinePath(dataDir))
  const detection = { config, detectors, lane: 'live', key, keeping: 'packs', baseline } as const
  const workers = Math.min(wanted ?? config.workers, detectors.length)
  const { engine, digest, manifest } = createDetection({ ...detection, share: { index: 0, of: workers } })
  const team = openTeam(detection, workers)
  if (team) closers.add(() => team.close())
  const restored = await store.restore()
  const copier = analytics && (await openCopier(config, 'live', analytics.store, (text) => log.warn(text)))
  if (copier) closers.add(() => copier.flush())
  const operatorLog = new OperatorLog({ log, clock, restored })
  closers.add(async () => operatorLog.end())
  const copied = copier ? copyingStore(store, { copier, clock, decisions: restored.decisions }) : store
  const table = new ReplicatedTable()
  const killSwitch = killSwitchFile(config.response.kill_switch_file ?? `${dataDir}/kill-switch`)
  const executor = createResponder({
    loaded,
    lane: 'live',
    store: tellingStore(copied, (changes) => {
      status.counts.responded(changes)
      operatorLog.responded(changes)
    }),
    table,
    engine,
    clock,
    killSwitch,
    page: pageReceiver(config),
    sleep: sleepUntil,
  })
  closers.add(() => Promise.race([executor.stop(), sleep(stopMsMax, undefined, { ref: false })]))
  const watch = selfWatch({ config, detectors, baseline, digest, restored })
  const watermarks = new Watermarks()
  const pipeline = new Pipeline({
    engine,
    ...(team && { team }),
    watermarks,
    store,
    executor,
    onItems: (items) => {
      watch.sample(items)
      copier?.events(items)
    },
    onCaptured: () => {
      status.captured()
      copier?.captured()
    },
    onFound: (found) => {
      status.found(found)
      operatorLog.findings(found.findings)
      copier?.found(found)
    },
    onCommitted: (panes) => {
      status.committed()
      copier?.committed(panes)
    },
    turn: realWaits.turn,
  })
  await pipeline.resume(restored, runSetup({ config, manifest, digest, baseline }))
  await executor.resume(restored)
  const entities = Object.fromEntries([...engine.entityCounts(), ...(team?.entityCounts ?? [])])
  log.info({ manifest: digest, baseline: baseline.digest, entities, term: store.term }, 'resumed')
  status.running({ manifest: digest, engine, team, watermarks, tally: pipeline.tally, table, copier }, store)
  const watchSwitches = killSwitchWatch({
    killSwitch,
    actions: configContext().actions.map(({ id }) => id),
    playbooks: () => inForce.loaded.playbooks.map(({ playbook }) => playbook.id),
    log,
  })
  const tell = () => {
    status.turned()
    pipeline.report({ findings: watch.look(status) })
    watchSwitches()
    operatorLog.flush()
  }
  return { key, engine, restored, table, executor, pipeline, tell }
}

async function judge(
  options: Judging,
  store: WaitingStore,
  analytics: Analytics | undefined,
  closers: Closers,
): Promise<Pipeline> {
  const { loaded, clock, log, signal, status, inForce, reloading } = options
  const { config } = loaded
  const { data_dir: dataDir, space } = config
  const { key, engine, restored, table, executor, pipeline, tell } = await assemble(
    options,
    store,
    analytics,
    closers,
  )
  const authz = await startEnforcement({ config, table, key, log, onTurn: (isUp) => status.gateways(isUp) })
  status.answering(authz)
  if (authz) closers.add(() => authz.close())
  const history = analytics && { dataDir, space, store: analytics.store, watermark: () => engine.watermark }
  const control = await startControlSocket({
    dataDir,
    executor,
    get exemptForMs() {
      return durationMs(inForce.loaded.config.response.exempt_for)
    },
    ...(history && { buildBaseline: baselineBuilder(history) }),
  })
  closers.add(() => control.close())

  await openDeadLetters({ config, store, restored, clock, log }, closers)
  const open = laneOpener({
    config,
    key,
    restored,
    wanted: wantedFields(loaded.detectors, analytics !== undefined),
    clock,
  })
  const sources = config.sources.map((source) =>
    openLiveSource(source, {
      notice: (text) => log.warn({ source: source.name }, text),
      marks: restored.marks,
      lacksRoom: () => store.lacksRoom,
    }),
  )
  for (const { source } of sources) closers.add(async () => source.close?.())
  status.reading(sources.map(({ source }) => source))
  const stop = new AbortController()
  signal.addEventListener('abort', () => stop.abort(), { once: true })
  if (signal.aborted) stop.abort()
  const ready = announceReady({ sources: config.sources.map(({ name }) => name), log, signal: stop.signal })
  startReloading({ reloading, inForce, pipeline, executor, table, log, signal: stop.signal })
  const looking = lookAfter({ pipeline, executor, clock, log, stop, tell })
  // Awaited at the end; until then a failure stops the reading, and is no unhandled one.
  looking.catch(() => {})
  try {
    await readSources(sources, {
      pipeline,
      open: (traits) => status.seeing(open(traits)),
      from: restored.positions,
      signal: stop.signal,
      room: () => store.room(),
      opened: (source) => {
        status.opened(source)
        ready(source)
      },
    })
    if (stop.signal.aborted) await pipeline.checkpoint()
    else await pipeline.finish()
    // What was decided goes on being answered after the last event of a recording.
    if (!stop.signal.aborted && authz) await aborted(stop.signal)
    // Pages that a receiver is slow to take are waited for, unless somebody stops the process.
    if (!signal.aborted) await Promise.race([executor.idle(), aborted(signal)])
  } finally {
    stop.abort()
  }
  await looking
  return pipeline
}
