import type { DetectorRunner } from './detector-runner.ts'
import { StateCut } from './state-cut.ts'
import { type Steps, stepsPerSlice } from './steps.ts'

/** How far an engine's event time is, and what has to be sealed for it, and written down before that. */
export class Sealing {
  readonly #runners: readonly DetectorRunner[]
  /** Event time up to which everything has arrived, epoch milliseconds. */
  watermark = Number.NEGATIVE_INFINITY
  #steps: Steps | undefined
  #cut: StateCut | undefined
  #failure: { readonly error: unknown } | undefined

  constructor(runners: readonly DetectorRunner[]) {
    this.#runners = runners
  }

  /** Everything before `watermark` has arrived, and is to be sealed. Never moves back. */
  moveTo(watermark: number): void {
    if (watermark <= this.watermark) return
    this.watermark = watermark
    this.#steps ??= this.#seal()
  }

  all(): void {
    while (this.some());
  }

  /** Seals everything, and cuts the state of that. */
  cut(): StateCut {
    this.all()
    this.#cut = new StateCut(this.#runners)
    return this.#cut
  }

  /** Encodes or seals a little. Returns whether there is more. Once it has failed it always fails: panes were left out. */
  some(): boolean {
    if (this.#failure) throw this.#failure.error
    if (this.#cut?.some()) return true
    this.#cut = undefined
    try {
      for (let step = 0; step < stepsPerSlice && this.#steps; step++) {
        if (this.#steps.next().done) this.#steps = undefined
      }
    } catch (error) {
      this.#failure = { error }
      throw error
    }
    return this.#steps !== undefined
  }

  *#seal(): Steps {
    for (let upTo = Number.NEGATIVE_INFINITY; upTo < this.watermark; ) {
      upTo = this.watermark
      for (const runner of this.#runners) yield* runner.sealing(upTo)
    }
  }
}
