import type { Condition } from './condition.ts'
import type { Facts, SourceFacts } from './facts.ts'
import { fallingBehind, type LagBounds, telemetryLag } from './lag-rules.ts'
import { badShares, nothingCounted } from './share-rules.ts'
import { SilenceWatch } from './silence.ts'

/** Shares are of so long a time, and history need not be longer. */
const historyMs = 10 * 60_000

/** What stands wrong with the flow of events, from one reading after another. */
export class FlowWatch {
  readonly #bounds: LagBounds
  readonly #silence = new SilenceWatch()
  #history: Facts[]

  /** `startedAt`: when counting began, epoch milliseconds. */
  constructor(bounds: LagBounds, startedAt: number) {
    this.#bounds = bounds
    const nothing = { watermark: Number.NEGATIVE_INFINITY, isReading: false, sources: [] }
    this.#history = [{ at: startedAt, ...nothing }]
  }

  /** Takes a reading, in order of time; returns what stands. */
  look(facts: Facts): Condition[] {
    // One from before the time that shares are of, to count from.
    const start = this.#history.findLastIndex(({ at }) => facts.at - at >= historyMs)
    this.#history = [...this.#history.slice(Math.max(0, start)), facts]
    const lags = [telemetryLag, fallingBehind].map((rule) => rule(this.#history, this.#bounds))
    return [
      ...lags.filter((condition) => condition !== undefined),
      ...this.#silence.look(facts.at, facts.sources),
      ...this.#shares(facts),
    ]
  }

  #shares({ sources }: Facts): Condition[] {
    const [oldest] = this.#history
    const before = new Map<string, SourceFacts>(oldest?.sources.map((source) => [source.name, source]))
    return sources.flatMap((source) =>
      badShares(source, before.get(source.name) ?? nothingCounted, oldest?.at ?? 0),
    )
  }
}
