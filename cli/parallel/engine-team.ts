import type { Finding } from '../../core/detector/finding.ts'
import type { EntityPack } from '../../core/ports/state-store.ts'
import type { Located } from '../pipeline/partition-lane.ts'
import type { DetectionOptions } from '../runtime/detection.ts'
import { sharedOut } from '../runtime/shares.ts'
import { fieldsOf } from '../runtime/wanted-fields.ts'
import { DetectThread } from './detect-thread.ts'
import { Packer } from './packer.ts'
import type { Cut, DetectThreadData } from './thread-messages.ts'

/** What threads are started with, in the words of the engine that works beside them. */
export type TeamOptions = Omit<Required<DetectionOptions>, 'share' | 'bounds'>

/** A team for `workers` engines, the caller's own included; none when that is the only one. */
export function openTeam(options: TeamOptions, workers: number): EngineTeam | undefined {
  if (workers < 2) return undefined
  const { config, detectors, lane, key, baseline, keeping } = options
  const { space, routes, ingest, privacy } = config
  const own = new Set(sharedOut(detectors, { index: 0, of: workers }))
  const others = detectors.filter((one) => !own.has(one))
  const data = {
    // Plain data alone: what else a configuration holds may not be sent to a thread, or should not be.
    config: { space, routes, ingest, privacy },
    detectors: detectors.map((one) => ({ id: one.detector.id, config: one.config })),
    lane,
    key: Uint8Array.from(key),
    baseline: { snapshot: baseline.snapshot, digest: baseline.digest },
    keeping,
    fields: [...fieldsOf(others)].filter((field) => field !== 'time'),
  }
  return new EngineTeam(data, workers)
}

/** Threads that judge the detectors which the pipeline's own engine does not. */
export class EngineTeam {
  readonly #threads: readonly DetectThread[]
  readonly #packer: Packer
  /** Entities held after `restored` and at the last cut, by detector id. */
  entityCounts: ReadonlyMap<string, number> = new Map()
  /** Memory that state held at the last cut, bytes, by detector id. */
  stateBytes: ReadonlyMap<string, number> = new Map()
  /** Longest pane of their detectors, milliseconds; known after `restored`. */
  paneMsMax = 0

  /** Engines 1 to `of` − 1 get threads; engine 0 is the pipeline's own. */
  constructor(data: Omit<DetectThreadData, 'share'>, of: number) {
    const others = Array.from({ length: of - 1 }, (_, thread) => thread + 1)
    this.#packer = new Packer(data.fields)
    this.#threads = others.map((index) => new DetectThread({ ...data, share: { index, of } }))
  }

  get hasFindings(): boolean {
    return this.#threads.some(({ hasFindings }) => hasFindings)
  }

  /** `listen` is told when `hasFindings` becomes true. */
  onFindings(listen: () => void): void {
    for (const thread of this.#threads) thread.onFindings = listen
  }

  restore(pack: EntityPack): void {
    for (const thread of this.#threads) thread.restore(pack)
  }

  async restored(watermark: number, findings: readonly Finding[]): Promise<void> {
    const all = await Promise.all(this.#threads.map((thread) => thread.restored(watermark, findings)))
    this.entityCounts = new Map(all.flatMap(({ entityCounts }) => [...entityCounts]))
    this.paneMsMax = Math.max(0, ...all.map(({ paneMsMax }) => paneMsMax))
  }

  observe(items: readonly Located[]): void {
    if (items.length === 0) return
    const message = this.#packer.pack(items)
    for (const [place, thread] of this.#threads.entries()) {
      thread.observe(message, place === this.#threads.length - 1)
    }
  }

  advance(watermark: number): void {
    for (const thread of this.#threads) thread.advance(watermark)
  }

  /** What the threads found and changed up to here. */
  async cut(): Promise<readonly Cut[]> {
    const cuts = await Promise.all(this.#threads.map((thread) => thread.cut()))
    this.entityCounts = new Map(cuts.flatMap(({ entityCounts }) => [...entityCounts]))
    this.stateBytes = new Map(cuts.flatMap(({ stateBytes }) => [...stateBytes]))
    return cuts
  }

  async close(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.close()))
  }
}
