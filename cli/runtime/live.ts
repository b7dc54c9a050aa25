import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { LoadedConfig } from '../../config/load-config.ts'
import { resolveSecret } from '../../config/secret.ts'
import type { Detector } from '../../core/detector/detector.ts'
import { Watermarks } from '../../core/engine/watermarks.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { StateStore } from '../../core/ports/state-store.ts'
import { durationMs } from '../../core/time/duration.ts'
import { ReplicatedTable } from '../../enforcement/replicated-table.ts'
import { fixedPublicKey } from '../../ingest/privacy/pseudonym.ts'
import { openStateStore } from '../../storage/sqlite/sqlite-state-store.ts'
import { openTeam } from '../parallel/engine-team.ts'
import { Pipeline } from '../pipeline/pipeline.ts'
import { type Analytics, openAnalytics } from './analytics.ts'
import { announceReady } from './announce-ready.ts'
import { baselineBuilder, baselinePath } from './baseline-build.ts'
import { baselineOf } from './baseline-file.ts'
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
import { OperatorLog } from './operator-log.ts'
import { pageReceiver } from './page-receiver.ts'
import { createResponder } from './responder.ts'
import { configContext } from './shipped.ts'
import { tellingStore } from './telling-store.ts'
import { WaitingStore } from './waiting-store.ts'
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
}

/** Closes what was opened, last opened first, and goes on when one fails. */
class Closers {
  readonly #closers: (() => Promise<unknown>)[] = []
  readonly #log: Logger
  constructor(log: Logger) {
    this.#log = log
  }
  add(close: () => Promise<unknown>): void {
    this.#closers.unshift(close)
  }
  async close(): Promise<void> {
    for (const close of this.#closers) {
      await close().catch((error: unknown) => this.#log.error({ err: error }, 'could not close'))
    }
  }
}

/**
 * Judges live traffic until its sources end or the signal aborts. Resumes where the last commit stood; returns after
 * the last commit, with everything closed.
 */
export async function runLive(options: LiveOptions): Promise<Pipeline> {
  const { loaded, log } = options
  const closers = new Closers(log)
  try {
    const state = await openStateStore(loaded.config.data_dir)
    const store = new WaitingStore(state, { log, signal: options.signal, sleep: sleepUntil })
    closers.add(() => store.close())
    const analytics = await openAnalytics(loaded.config, (problem) => log.warn(problem))
    if (analytics) closers.add(() => analytics.close())
    return await judge(options, store, analytics, closers)
  } finally {
    await closers.close()
  }
}

/** Everything of a run that works together, put together. */
async function assemble(
  { loaded, clock, log, workers: wanted }: LiveOptions,
  store: StateStore,
  analytics: Analytics | undefined,
  closers: Closers,
) {
  const { config, detectors } = loaded
  const { data_dir: dataDir } = config
  const key =
    config.privacy.key === undefined ? fixedPublicKey : Buffer.from(resolveSecret(config.privacy.key))
  const baseline = baselineOf(baselinePath(dataDir))
  const detection = { config, detectors, lane: 'live', key, durable: true, baseline } as const
  const workers = Math.min(wanted ?? config.workers, detectors.length)
  const { engine, digest } = createDetection({ ...detection, share: { index: 0, of: workers } })
  const team = openTeam(detection, workers)
  if (team) closers.add(() => team.close())
  const restored = await store.restore()
  const report = (text: string) => log.warn(text)
  const copier = analytics && (await openCopier(config, 'live', analytics.store, report))
  if (copier) closers.add(() => copier.flush())
  const operatorLog = new OperatorLog({ log, clock, restored })
  closers.add(async () => operatorLog.end())
  const copied = copier ? copyingStore(store, { copier, clock, decisions: restored.decisions }) : store
  const table = new ReplicatedTable()
  const killSwitch = killSwitchFile(config.response.kill_switch_file ?? `${dataDir}/kill-switch`)
  const executor = createResponder({
    loaded,
    lane: 'live',
    store: tellingStore(copied, (changes) => operatorLog.responded(changes)),
    table,
    engine,
    clock,
    killSwitch,
    page: pageReceiver(config),
    sleep: sleepUntil,
  })
  closers.add(() => Promise.race([executor.stop(), sleep(stopMsMax, undefined, { ref: false })]))
  const pipeline = new Pipeline({
    engine,
    ...(team && { team }),
    watermarks: new Watermarks(),
    store,
    executor,
    ...(copier && {
      onItems: (items) => copier.events(items),
      onCaptured: () => copier.captured(),
    }),
    onCommitted: (committed) => {
      operatorLog.findings(committed.output.findings)
      copier?.committed(committed)
    },
  })
  await pipeline.resume(restored, digest)
  await executor.resume(restored)
  const entities = Object.fromEntries([...engine.entityCounts(), ...(team?.entityCounts ?? [])])
  log.info({ manifest: digest, baseline: baseline.digest, entities, term: store.term }, 'resumed')
  const watchSwitches = killSwitchWatch({
    killSwitch,
    actions: configContext().actions.map(({ id }) => id),
    playbooks: loaded.playbooks.map(({ playbook }) => playbook.id),
    log,
  })
  const tell = () => {
    watchSwitches()
    operatorLog.flush()
  }
  return { key, engine, restored, table, executor, pipeline, tell }
}

async function judge(
  options: LiveOptions,
  store: WaitingStore,
  analytics: Analytics | undefined,
  closers: Closers,
): Promise<Pipeline> {
  const { loaded, clock, log, signal } = options
  const { config } = loaded
  const { data_dir: dataDir, space } = config
  const { key, engine, restored, table, executor, pipeline, tell } = await assemble(
    options,
    store,
    analytics,
    closers,
  )
  const authz = await startEnforcement({ config, table, key, log })
  if (authz) closers.add(() => authz.close())
  const history = analytics && { dataDir, space, store: analytics.store, watermark: () => engine.watermark }
  const control = await startControlSocket({
    dataDir,
    executor,
    exemptForMs: durationMs(config.response.exempt_for),
    ...(history && { buildBaseline: baselineBuilder(history) }),
  })
  closers.add(() => control.close())

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
  const stop = new AbortController()
  signal.addEventListener('abort', () => stop.abort(), { once: true })
  if (signal.aborted) stop.abort()
  const looking = lookAfter({ pipeline, executor, clock, log, stop, tell })
  // Awaited at the end; until then a failure stops the reading, and is no unhandled one.
  looking.catch(() => {})
  try {
    await readSources(sources, {
      pipeline,
      open,
      from: restored.positions,
      signal: stop.signal,
      room: () => store.room(),
      opened: announceReady({
        sources: config.sources.map(({ name }) => name),
        log,
        signal: stop.signal,
      }),
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

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}

/** Never rejects: a wait that was ended early is over. */
async function sleepUntil(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => {})
}
