import { decodeObservation } from '../../../core/cluster/observation.ts'
import { SourceTimes } from '../../../core/cluster/source-times.ts'
import type { Engine } from '../../../core/engine/engine.ts'
import { trafficShapeOf } from '../../../core/engine/traffic-shape.ts'
import type { Positions } from '../../../core/event/position.ts'
import type { TrafficShape } from '../../../core/ports/traffic-shape.ts'
import type { Cluster } from '../cluster.ts'

/**
 * Who is behind an address, counted from what all `ingest` processes saw in the last hour: the scope check of response asks
 * it. It keeps nothing: a responder that starts counts what the topic still has.
 */
export class TrafficView {
  readonly shape: TrafficShape
  readonly #engine: Engine
  readonly #times: SourceTimes
  readonly #layout: string

  /** `engine` runs no detector but the shape of traffic. */
  constructor(engine: Engine, { inputs, layout }: Pick<Cluster, 'inputs' | 'layout'>) {
    this.#engine = engine
    this.#times = new SourceTimes(inputs)
    this.#layout = layout
    this.shape = trafficShapeOf(engine)
  }

  take(message: Uint8Array): void {
    const { packs, layout, marker } = decodeObservation(message)
    if (layout === this.#layout) for (const pack of packs) this.#engine.absorb(pack)
    if (marker) this.#times.take(marker)
  }

  /** Event time up to which all traffic is counted; −Infinity before that is known. */
  get watermark(): number {
    return this.#times.value()
  }

  /** Forgets what is older than the hour. */
  forget(): void {
    this.#times.forgetGone()
    this.#engine.advance(this.#times.value())
    this.#engine.drain()
  }

  /** Whether everything is counted that lay before these positions, but for topics that are gone. */
  hasSeen(positions: Positions): boolean {
    const seen = this.#times.positions
    for (const [key, position] of positions)
      if ((seen.get(key) ?? 0) < position && !this.#times.isGone(key)) return false
    return true
  }
}
