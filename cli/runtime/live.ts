import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { LoadedConfig } from '../../config/load-config.ts'
import { resolveSecret } from '../../config/secret.ts'
import { DecisionTable } from '../../core/decision/decision-table.ts'
import type { Detector } from '../../core/detector/detector.ts'
import { Watermarks } from '../../core/engine/watermarks.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { Executor } from '../../core/response/executor.ts'
import { fixedPublicKey } from '../../ingest/privacy/pseudonym.ts'
import { openStateStore } from '../../storage/sqlite/sqlite-state-store.ts'
import { intake } from '../pipeline/intake.ts'
import { Pipeline } from '../pipeline/pipeline.ts'
import { openAnalytics } from './analytics.ts'
import { baselineOf } from './baseline-file.ts'
import { startControlSocket } from './control-socket.ts'
import { Copier } from './copier.ts'
import { createDetection } from './detection.ts'
import { startEnforcement } from './enforcement.ts'
import { killSwitchFile } from './kill-switch-file.ts'
import { laneOpener } from './lanes.ts'
import { type LiveSource, openLiveSource } from './live-sources.ts'
import { pageReceiver } from './page-receiver.ts'
import { createResponder } from './responder.ts'

/** How often findings are committed and released, and decisions looked after, milliseconds. */
const everyMs = { checkpoint: 250, reconcile: 1000 }
/** A responder that hangs on a receiver must not keep the process from stopping. */
const stopMsMax = 10_000

export interface LiveOptions {
  readonly loaded: LoadedConfig<Detector>
  readonly clock: Clock
  readonly log: Logger
  /** Aborts on SIGINT and SIGTERM. */
  readonly signal: AbortSignal
  /** Event time moves on by the clock after all sources were idle for this long. */
  readonly onReady?: (ready: { readonly authzPort: number | undefined }) => void
}

/**
 * Judges live traffic until its sources end or the signal aborts. Resumes where the last commit stood; returns after
 * the last commit, with everything closed.
 */
export async function runLive({ loaded, clock, log, signal, onReady }: LiveOptions): Promise<Pipeline> {
  const { config, detectors } = loaded
  const key =
    config.privacy.key === undefined ? fixedPublicKey : Buffer.from(resolveSecret(config.privacy.key))
  const store = await openStateStore(config.data_dir)
  const closers: (() => Promise<unknown>)[] = [() => store.close()]
  try {
    const baseline = baselineOf(join(config.data_dir, 'baseline.json'))
    const { engine, digest } = createDetection({
      config,
      detectors,
      lane: 'live',
      key,
      durable: true,
      baseline,
    })
    const table = new DecisionTable()
    const executor = createResponder({
      loaded,
      lane: 'live',
      store,
      table,
      engine,
      clock,
      killSwitch: killSwitchFile(config.response.kill_switch_file ?? join(config.data_dir, 'kill-switch')),
      page: pageReceiver(config),
      sleep: (ms, stopped) => sleep(ms, undefined, { signal: stopped }).catch(() => {}),
    })
    closers.unshift(() => Promise.race([executor.stop(), sleep(stopMsMax, undefined, { ref: false })]))
    const restored = await store.restore()
    const copier = await openCopier({ loaded, log, closers })
    const pipeline = new Pipeline({
      engine,
      watermarks: new Watermarks(),
      store,
      executor,
      onItems: (items) => copier?.events(items),
      onCommitted: (committed) => copier?.committed(committed),
    })
    await pipeline.resume(restored, digest)
    await executor.resume(restored)
    const authzPort = await startEnforcement({ config, table, clock, key, log, closers })
    const control = await startControlSocket({ dataDir: config.data_dir, executor })
    closers.unshift(() => control.close())
    log.info(
      { manifest: digest, entities: Object.fromEntries(engine.entityCounts()), term: store.term },
      'ready',
    )
    onReady?.({ authzPort })

    const sources = config.sources.map((source) =>
      openLiveSource(source, (notice) => log.warn({ source: source.name }, notice)),
    )
    const open = laneOpener(config, key, restored)
    const stop = new AbortController()
    signal.addEventListener('abort', () => stop.abort(), { once: true })
    const looking = lookAfter({ pipeline, executor, clock, log, stop })
    const reading = sources.map((live) => read(live, { pipeline, open, restored, signal: stop.signal }))
    try {
      await Promise.all(reading)
      if (!stop.signal.aborted) await pipeline.finish()
      else await pipeline.checkpoint()
      // What was decided goes on being answered after the last event of a recording.
      if (!stop.signal.aborted && authzPort !== undefined) await untilAborted(stop.signal)
    } finally {
      stop.abort()
      await Promise.allSettled(reading)
    }
    await looking
    if (!signal.aborted) await Promise.race([executor.idle(), sleep(stopMsMax, undefined, { ref: false })])
    return pipeline
  } finally {
    for (const close of closers)
      await close().catch((error: unknown) => log.error({ err: error }, 'could not close'))
  }
}

async function read(
  { source, traits }: LiveSource,
  parts: {
    readonly pipeline: Pipeline
    readonly open: ReturnType<typeof laneOpener>
    readonly restored: { readonly positions: ReadonlyMap<string, number> }
    readonly signal: AbortSignal
  },
): Promise<void> {
  const { pipeline, open, restored, signal } = parts
  for await (const part of intake(source, restored.positions, open(traits), signal)) {
    pipeline.take(part)
    if (pipeline.isFull) await pipeline.checkpoint()
    if (signal.aborted) return
  }
}

/** Commits, and holds decisions against the world, until stopped. A failure stops everything. */
async function lookAfter(parts: {
  readonly pipeline: Pipeline
  readonly executor: Executor
  readonly clock: Clock
  readonly log: Logger
  readonly stop: AbortController
}): Promise<void> {
  const { pipeline, executor, clock, log, stop } = parts
  let reconciled = clock.now()
  try {
    while (!stop.signal.aborted) {
      await sleep(everyMs.checkpoint, undefined, { signal: stop.signal }).catch(() => {})
      pipeline.keepTime(clock.now())
      await pipeline.checkpoint()
      for (const { playbook, finding, message } of pipeline.tally.problems.splice(0)) {
        log.error({ playbook, finding }, `playbook ${playbook} failed: ${message}`)
      }
      if (clock.now() - reconciled < everyMs.reconcile) continue
      reconciled = clock.now()
      await executor.reconcile()
    }
  } catch (error) {
    stop.abort()
    throw error
  }
}

async function openCopier(parts: {
  readonly loaded: LoadedConfig<Detector>
  readonly log: Logger
  readonly closers: (() => Promise<unknown>)[]
}): Promise<Copier | undefined> {
  const { loaded, log, closers } = parts
  const analytics = await openAnalytics(loaded.config, (text) => log.warn(text))
  if (!analytics) return undefined
  const copier = new Copier({
    store: analytics.store,
    space: loaded.config.space,
    lane: 'live',
    report: (text) => log.warn(text),
  })
  closers.unshift(
    () => copier.flush(),
    () => analytics.close(),
  )
  return copier
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
