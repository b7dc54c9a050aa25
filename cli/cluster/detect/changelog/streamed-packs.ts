import type { RestoredPack } from '../../../../core/engine/restored-pack.ts'
import type { EntityPack } from '../../../../core/ports/state-store.ts'
import { inTheirOrder, logName, type PackPlace, packOf } from './changelog-keys.ts'
import type { KeptPacks } from './kept-packs.ts'

/** What packs are restored into: an `Engine`. */
export interface PackTarget {
  /** Gives nothing for a pack that is left alone. */
  restore(pack: EntityPack): RestoredPack | undefined
}

interface Streamed {
  readonly place: PackPlace
  readonly pack: RestoredPack | undefined
}

/**
 * Packs that are restored as their messages come. One that is deleted, or written again, must take with it what it still holds: it
 * may have been read before the changelog was cleaned, and the later pack that took its records over was cleaned away meanwhile.
 */
export class StreamedPacks {
  readonly #target: PackTarget
  /** By key, as they came. */
  readonly #packs = new Map<string, Streamed>()

  constructor(target: PackTarget) {
    this.#target = target
  }

  /** Restores the pack in the message of a key that is not there. */
  take(key: string, place: PackPlace, value: Buffer): void {
    this.#packs.set(key, { place, pack: this.#target.restore(packOf(place, value)) })
  }

  /** The message of a key holds nothing any more, or something else. */
  withdraw(key: string): void {
    this.#packs.get(key)?.pack?.withdraw()
    this.#packs.delete(key)
  }

  /** Whether there is one of a log, by its `logName`. */
  hasOf(log: string): boolean {
    for (const { place } of this.#packs.values()) if (logName(place) === log) return true
    return false
  }

  /** Notes the messages that hold them. */
  addTo(kept: KeptPacks): void {
    const sorted = [...this.#packs].sort(([, left], [, right]) => inTheirOrder(left.place, right.place))
    for (const [key, { place }] of sorted) kept.add(place, place.number, key)
  }
}
