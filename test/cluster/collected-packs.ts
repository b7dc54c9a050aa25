import type { PackTarget } from '../../cli/cluster/detect/changelog/streamed-packs.ts'
import type { RestoredPack } from '../../core/engine/restored-pack.ts'
import type { EntityPack } from '../../core/ports/state-store.ts'

/** Keeps packs instead of restoring them, in the order in which they came. */
export class CollectedPacks implements PackTarget {
  readonly #packs = new Set<EntityPack>()

  restore(pack: EntityPack): RestoredPack {
    this.#packs.add(pack)
    return { withdraw: () => void this.#packs.delete(pack) }
  }

  *[Symbol.iterator](): Generator<EntityPack> {
    yield* this.#packs
  }
}
