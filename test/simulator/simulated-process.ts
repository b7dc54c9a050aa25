import { setMaxListeners } from 'node:events'
import { pino } from 'pino'
import { createActions } from '../../actions/actions.ts'
import type { Located } from '../../cli/pipeline/partition-lane.ts'
import { Pipeline } from '../../cli/pipeline/pipeline.ts'
import { createDetection } from '../../cli/runtime/detection.ts'
import { laneOpener } from '../../cli/runtime/lanes.ts'
import { lookAfter, readSources } from '../../cli/runtime/live-loops.ts'
import { WaitingStore } from '../../cli/runtime/waiting-store.ts'
import { wantedFields } from '../../cli/runtime/wanted-fields.ts'
import type { Engine } from '../../core/engine/engine.ts'
import { trafficShapeOf } from '../../core/engine/traffic-shape.ts'
import { Watermarks } from '../../core/engine/watermarks.ts'
import type { StateStore } from '../../core/ports/state-store.ts'
import { Executor } from '../../core/response/executor.ts'
import { createProtectedSet } from '../../core/response/protected-set.ts'
import { responseDefaults } from '../../core/response/responder-state.ts'
import { fixedPublicKey } from '../../ingest/privacy/pseudonym.ts'
import type { Effects } from './effects.ts'
import type { Life } from './life.ts'
import { laneTraits, packBounds, settings } from './settings.ts'
import { SimulatedGateways } from './simulated-gateways.ts'
import { simulatedPlaybooks } from './simulated-playbooks.ts'
import { simulatedActions, simulatedHttp } from './simulated-receivers.ts'
import { SimulatedFiles, SimulatedSource } from './simulated-source.ts'
import { simulatedStore } from './simulated-store.ts'
import { sourceNames, type World } from './world.ts'

const log = pino({ level: 'silent' })
/** As in `runLive`: a receiver that hangs must not keep the process from stopping. */
const stopMsMax = 10_000
const watchMs = 500
const restMs = 1000

/**
 * One process, put together from the real parts as `runLive` does it, over simulated ports. Resolves when everything
 * was read and what is decided has ended (`finished`), or it was asked to stop; rejects with what stopped it.
 */
export class SimulatedProcess {
  /** SIGTERM. */
  readonly stopping = new AbortController()
  readonly #world: World
  readonly #life: Life
  readonly #effects: Effects
  readonly #stop = new AbortController()
  readonly #gateways: SimulatedGateways
  #executor: Executor | undefined

  constructor(world: World, life: Life, effects: Effects) {
    this.#world = world
    this.#life = life
    this.#effects = effects
    this.#gateways = new SimulatedGateways(world)
    setMaxListeners(0, this.#stop.signal, this.stopping.signal)
    this.stopping.signal.addEventListener('abort', () => this.#stop.abort(), { once: true })
  }

  /** What gateways obey. */
  get gateways(): SimulatedGateways {
    return this.#gateways
  }

  async run(): Promise<'finished' | 'stopped'> {
    const { pipeline, executor, store, restored } = await this.#assemble()
    this.#watch(executor)
    const looking = lookAfter({
      pipeline,
      executor,
      clock: this.#world,
      log,
      stop: this.#stop,
      waits: this.#life,
    })
    looking.catch(() => {})
    try {
      await readSources(this.#sources(), {
        pipeline,
        open: laneOpener({
          config: settings.config,
          key: fixedPublicKey,
          restored,
          wanted: wantedFields(settings.detectors, false),
          clock: this.#world,
        }),
        from: restored.positions,
        signal: this.#stop.signal,
        room: () => store.room(),
        opened: () => {},
        waits: this.#life,
      })
      const isStopped = this.#stop.signal.aborted
      if (isStopped) await pipeline.checkpoint()
      else {
        await pipeline.finish()
        await this.#comeToRest(executor)
      }
    } finally {
      this.#stop.abort()
    }
    await looking
    await Promise.race([executor.stop(), this.#life.sleep(stopMsMax, new AbortController().signal)])
    return this.stopping.signal.aborted ? 'stopped' : 'finished'
  }

  /** What was decided goes on being answered until its end. */
  async #comeToRest(executor: Executor): Promise<void> {
    const { memory } = this.#world
    do {
      await this.#life.sleep(restMs, this.#stop.signal)
      await Promise.race([executor.idle(), aborted(this.#stop.signal)])
    } while (!this.#stop.signal.aborted && !(this.#world.isHealed && memory.decisions.size === 0))
  }

  /** Nothing of it goes on: wakes what waits in a process that is dead, so that its memory can be given back. */
  bury(): void {
    this.#life.end()
    this.stopping.abort()
    this.#executor?.stop().catch(() => {})
  }

  async #assemble() {
    const world = this.#world
    const store = new WaitingStore(simulatedStore(world, this.#life), {
      log,
      signal: this.stopping.signal,
      sleep: (ms, signal) => this.#life.sleep(ms, signal),
    })
    const { engine, digest } = createDetection({
      ...settings,
      lane: 'live',
      key: fixedPublicKey,
      keeping: 'packs',
      bounds: { packBounds },
    })
    const stored = await store.restore()
    const restored = world.canary?.restored?.(stored) ?? stored
    const executor = this.#respond(store, engine)
    this.#executor = executor
    watchJudging(engine, world, this.#life)
    const pipeline = new Pipeline({
      engine,
      watermarks: new Watermarks(),
      store,
      executor,
      onCaptured: () => this.#life.isAlive && world.intake.captured(engine.watermark, engine.paneMsMax),
      onCommitted: (panes) => this.#life.isAlive && world.intake.sealed(panes),
      turn: () => this.#life.turn(),
    })
    await pipeline.resume(restored, { manifest: digest })
    await executor.resume(restored)
    return { pipeline, executor, store, restored }
  }

  #respond(store: StateStore, engine: Engine): Executor {
    const world = this.#world
    const life = this.#life
    const page = { http: simulatedHttp(world, life, this.#effects), routingKey: 'simulated' }
    const own = createActions({ decisions: this.#gateways, page })
    const simulated = simulatedActions(world, life, this.#effects)
    const ports = {
      store,
      clock: world,
      killSwitch: { engaged: (level: string, id?: string) => world.engaged(level, id) },
      traffic: trafficShapeOf(engine),
      decisions: this.#gateways,
      sleep: (ms: number, signal: AbortSignal) => life.sleep(ms, signal),
      timeout: (ms: number) => life.timeout(ms),
      controlAt: () => Math.max(0, engine.watermark),
    }
    return new Executor(ports, {
      ...responseDefaults,
      space: settings.config.space,
      lane: 'live',
      playbooks: new Map(simulatedPlaybooks.map((one) => [one.id, one])),
      actions: new Map([...own, ...simulated.map((action) => [action.id, action] as const)]),
      protectedSet: createProtectedSet({}),
    })
  }

  #sources() {
    const { topic, files, queue } = sourceNames
    const sources = [
      new SimulatedSource('topic', this.#world, this.#life, topic),
      new SimulatedFiles('files', this.#world, this.#life, files),
      new SimulatedSource('queue', this.#world, this.#life, queue),
    ]
    return sources.map((source) => ({ source, traits: laneTraits(source.id), endless: true }))
  }

  #watch(executor: Executor): void {
    const actionOf = (run: string | undefined, id: string | undefined) =>
      executor
        .runs()
        .find((one) => one.id === run)
        ?.steps.find(({ step }) => step === id)?.action
    const look = () => {
      if (!this.#life.isAlive) return
      this.#gateways.watch(({ run, step }) => actionOf(run, step))
      this.#world.scheduler.after(watchMs, look)
    }
    look()
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true })
    if (signal.aborted) resolve()
  })
}

/** Tells the ledger of each event what the engine made of it. */
function watchJudging(engine: Engine, { intake }: World, life: Life): void {
  const observeAll = engine.observeAll.bind(engine) as (
    items: readonly Located[],
    onLate: (item: Located) => void,
  ) => void
  const watched: typeof observeAll = (items, onLate) => {
    const late = new Set<Located>()
    observeAll(items, (item) => {
      late.add(item)
      onLate(item)
    })
    if (!life.isAlive) return
    for (const item of items) intake.judged(item.lane.key, item.offset, item.event.time, late.has(item))
  }
  engine.observeAll = watched as typeof engine.observeAll
}
