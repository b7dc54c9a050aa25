import type { DetectorRunner } from './detector-runner.ts'
import type { Steps } from './steps.ts'

/** So much is sealed between two looks at what has arrived: a few milliseconds' work. */
const stepsPerSlice = 8

/** How far an engine's event time is, and what has to be sealed for it. */
export class Sealing {
  readonly #runners: readonly DetectorRunner[]
  /** Event time up to which everything has arrived, epoch milliseconds. */
  watermark = Number.NEGATIVE_INFINITY
  #steps: Steps | undefined
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

  /** Seals a little. Returns whether there is more to seal. Once it has failed it always fails: panes were left out. */
  some(): boolean {
    if (this.#failure) throw this.#failure.error
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

  all(): void {
    while (this.some());
  }

  *#seal(): Steps {
    for (let upTo = Number.NEGATIVE_INFINITY; upTo < this.watermark; ) {
      upTo = this.watermark
      for (const runner of this.#runners) yield* runner.sealing(upTo)
    }
  }
}
