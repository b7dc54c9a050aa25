import type { Finding } from '../../../core/detector/finding.ts'
import type { Engine } from '../../../core/engine/engine.ts'
import { MemoryStateStore } from '../../../storage/memory/memory-state-store.ts'
import type { Tally } from '../../pipeline/tally.ts'
import { createDetection } from '../detection.ts'
import type { StoredDetection } from './stored-detection.ts'

/** Judges by one manifest after the other, each with what a process finds that starts under it: the state of the one before. */
export class JudgingAgain {
  readonly #store = new MemoryStateStore()
  readonly #tally: Tally
  #inForce: StoredDetection
  #engine: Engine
  #watermark = Number.NEGATIVE_INFINITY

  constructor(first: StoredDetection, tally: Tally) {
    this.#tally = tally
    this.#inForce = first
    this.#engine = engineOf(first)
  }

  get inForce(): StoredDetection {
    return this.#inForce
  }

  get engine(): Engine {
    return this.#engine
  }

  /** Event time up to which everything is sealed, epoch milliseconds; −Infinity before the first seal. */
  get watermark(): number {
    return this.#watermark
  }

  /** From here on this is in force. */
  async turnTo(detection: StoredDetection): Promise<void> {
    if (detection === this.#inForce) return
    await this.#commit()
    this.#inForce = detection
    this.#engine = engineOf(detection)
    for await (const pack of this.#store.packs()) this.#engine.restore(pack)
    this.#engine.restored(this.#watermark, (await this.#store.restore()).openFindings)
  }

  /** Seals everything before `at`, epoch milliseconds; 0 stands for no time yet. */
  async sealTo(at: number): Promise<void> {
    if (at > 0) {
      this.#engine.advance(at)
      this.#watermark = at
    }
    await this.#commit()
  }

  /** Final ones, in their last state. */
  async findings(): Promise<Finding[]> {
    return (await this.#store.findings()).filter(({ state }) => state === 'final')
  }

  async #commit(): Promise<void> {
    const { findings } = this.#engine.drain()
    await this.#store.commit({ findings, packs: this.#engine.cutState().packs() })
    this.#tally.add(findings, [])
  }
}

function engineOf(detection: StoredDetection): Engine {
  return createDetection({ ...detection, lane: 'replay', keeping: 'packs' }).engine
}
