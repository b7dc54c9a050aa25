import { entityPartition } from '../cluster/entity-partition.ts'
import type { ConfiguredDetector, Detector } from '../detector/detector.ts'
import type { Event } from '../event/event.ts'
import type { KeyedHash } from '../hash/keyed-hash.ts'
import { Engine } from './engine.ts'
import { groupsThatObserveAlike } from './instances.ts'
import type { DealtPack } from './pane-pack.ts'

/** After more records than this the engine is made anew: a flood must not keep its memory for good. */
const keptMax = 100_000

/**
 * Collects what detectors see of events without judging it, to be sent to the engine that does: a record for each
 * detector, entity and pane since the last `drain`. It is an engine that never seals, and forgets everything when drained.
 */
export class Collector {
  readonly #open: () => Engine
  readonly #hash: KeyedHash
  #engine: Engine
  #events = 0

  /** Instances that observe alike are collected once, under the first one's name. */
  constructor(space: string, detectors: readonly ConfiguredDetector[], hash: KeyedHash) {
    const observing = groupsThatObserveAlike(detectors).map(([first]) => withoutProof(first))
    this.#open = () =>
      new Engine({
        space,
        lane: 'live',
        manifest: '',
        detectors: observing,
        hash,
        openMax: Number.POSITIVE_INFINITY,
        keeping: 'changes',
      })
    this.#hash = hash
    this.#engine = this.#open()
  }

  /** Events since the last `drain`. */
  get events(): number {
    return this.#events
  }

  /** Takes events; they may be changed after the call. */
  observeAll(items: readonly { readonly event: Event }[]): void {
    this.#engine.observeAll(items)
    this.#events += items.length
  }

  /** What was seen since the last call, for `Engine.absorb`, by which of so many partitions has the entities. */
  drain(partitions = 1): DealtPack[] {
    if (this.#events === 0) return []
    const packs = this.#engine.collect((entityKey) => entityPartition(this.#hash, entityKey, partitions))
    const records = packs.reduce((sum, pack) => sum + pack.records, 0)
    if (records > keptMax) this.#engine = this.#open()
    else this.#engine.clear()
    this.#events = 0
    return packs
  }
}

/** Only who has seen all events of an entity can prove anything. */
function withoutProof({ detector, config }: ConfiguredDetector): ConfiguredDetector {
  const { proves: _, ...observing } = detector
  return { detector: observing as Detector, config }
}
