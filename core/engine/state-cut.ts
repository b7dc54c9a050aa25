import type { EntityPack } from '../ports/state-store.ts'
import type { DetectorRunner } from './detector-runner.ts'
import type { RecordCut } from './record-cut.ts'
import { stepsPerSlice } from './steps.ts'

/** State that changed since the last cut, of all detectors: see `RecordCut`. */
export class StateCut {
  readonly #cuts: readonly (readonly [DetectorRunner, RecordCut])[]
  #at = 0

  constructor(runners: readonly DetectorRunner[]) {
    this.#cuts = runners.map((runner) => [runner, runner.cut()])
  }

  /** Encodes a little, which takes a few milliseconds at most. Returns whether there is more. */
  some(): boolean {
    for (let step = 0; step < stepsPerSlice && this.#at < this.#cuts.length; step++) {
      if (!this.#cuts[this.#at]?.[1].some()) this.#at++
    }
    return this.#at < this.#cuts.length
  }

  /** All records, once; encodes what is not yet. */
  packs(): EntityPack[] {
    return this.#cuts.flatMap(([runner, cut]) => runner.packsOf(cut))
  }
}
