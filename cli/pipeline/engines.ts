import type { Finding } from '../../core/detector/finding.ts'
import type { Engine } from '../../core/engine/engine.ts'
import type { StateStore } from '../../core/ports/state-store.ts'
import type { EngineTeam } from '../parallel/engine-team.ts'
import type { Cut } from '../parallel/thread-messages.ts'
import type { Located } from './partition-lane.ts'

/** The engine of this thread and those of others, which go the same way in event time. */
export class Engines {
  readonly own: Engine
  readonly #team: EngineTeam | undefined

  constructor(own: Engine, team?: EngineTeam) {
    this.own = own
    this.#team = team
  }

  /** Longest pane of all detectors, milliseconds. */
  get paneMsMax(): number {
    return Math.max(this.own.paneMsMax, this.#team?.paneMsMax ?? 0)
  }

  /** Whether a checkpoint would commit findings. */
  get hasFindings(): boolean {
    return this.own.hasFindings || this.#team?.hasFindings === true
  }

  /** `listen` is told when the engines of other threads found something. */
  onFindings(listen: () => void): void {
    this.#team?.onFindings(listen)
  }

  /** Takes up where the last commit stood: its watermark, epoch milliseconds, and findings that may still change. */
  async restore(store: StateStore, watermark: number, findings: readonly Finding[]): Promise<void> {
    for await (const record of store.entities()) {
      this.own.restore(record)
      this.#team?.restore(record)
    }
    this.own.restored(watermark, findings)
    await this.#team?.restored(watermark, findings)
  }

  /** Hands events to the other threads; the own engine observes them one by one. */
  send(items: readonly Located[]): void {
    this.#team?.observe(items)
  }

  /** Seals up to a watermark, epoch milliseconds. */
  advance(watermark: number): void {
    if (watermark <= this.own.watermark) return
    this.own.advance(watermark)
    this.#team?.advance(watermark)
  }

  /** What the other threads found and changed up to here. */
  cut(): Promise<readonly Cut[]> {
    return this.#team?.cut() ?? Promise.resolve([])
  }
}
