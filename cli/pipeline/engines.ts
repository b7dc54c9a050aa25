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
  #sealed: Promise<void> | undefined

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
    return this.own.hasProven || this.hasJudged
  }

  /** Whether it would commit others than those that `own.drainProven` gives. */
  get hasJudged(): boolean {
    return this.own.hasJudged || this.#team?.hasFindings === true
  }

  /** `listen` is told when the engines of other threads found something. */
  onFindings(listen: () => void): void {
    this.#team?.onFindings(listen)
  }

  /**
   * Takes up where the last commit stood: its watermark, epoch milliseconds, and findings that may still change. A million
   * entities take seconds, in which `turn` lets probes be answered.
   */
  async restore(
    store: Pick<StateStore, 'packs'>,
    { watermark, findings }: { readonly watermark: number; readonly findings: readonly Finding[] },
    turn?: () => Promise<void>,
  ): Promise<void> {
    for await (const pack of store.packs()) {
      this.own.restore(pack)
      this.#team?.restore(pack)
      await turn?.()
    }
    this.own.restored(watermark, findings)
    await this.#team?.restored(watermark, findings)
  }

  /** Hands events to the other threads; the own engine observes them one by one. */
  send(items: readonly Located[]): void {
    this.#team?.observe(items)
  }

  /**
   * Seals everything up to a watermark, epoch milliseconds, which is asked for again while that takes. `turn` lets other
   * work go first in between. A failure of it is that of every later seal as well.
   */
  sealed(watermark: () => number, turn?: () => Promise<void>): Promise<void> {
    this.#sealed ??= this.#sealInTurns(watermark, turn).finally(() => {
      this.#sealed = undefined
    })
    return this.#sealed
  }

  /** Seals everything up to a watermark in one go. */
  seal(watermark: number): void {
    while (this.#sealSome(watermark));
  }

  async #sealInTurns(watermark: () => number, turn?: () => Promise<void>): Promise<void> {
    while (this.#sealSome(watermark())) await turn?.()
  }

  #sealSome(watermark: number): boolean {
    if (watermark > this.own.watermark) {
      this.own.moveTo(watermark)
      this.#team?.advance(watermark)
    }
    return this.own.sealSome()
  }

  /** What the other threads found and changed up to here. */
  cut(): Promise<readonly Cut[]> {
    const cuts = this.#team?.cut() ?? Promise.resolve([])
    // Whoever asks hears of a failure, maybe only once the own state is encoded.
    cuts.catch(() => {})
    return cuts
  }
}
