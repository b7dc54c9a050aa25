import type { EntityPack, EntityRecord } from '../ports/state-store.ts'
import { sealedOf } from './entity-codec.ts'
import { unpack } from './entity-pack.ts'
import type { Instance } from './instance.ts'
import { parsePartKey } from './part-name.ts'
import type { RestoredPack } from './restored-pack.ts'

/** What one instance stored of an entity. */
interface Copy {
  readonly parts: Map<string, EntityRecord>
  /** Newest pane of the entity when a part was written. */
  sealed: number
  bytes: number
}

/** What counts of an entity, by part, and how the copies differ from it. */
export interface Counted {
  readonly entity: string
  readonly parts: ReadonlyMap<string, EntityRecord>
  /** Parts that other copies hold and that count no more. */
  readonly stale: readonly string[]
}

/**
 * Records of instances that share their state. Each has its own, all the same, so that any of them may be taken out of the
 * configuration or be given other settings and no other loses what it knows. One that was away for a while comes back with
 * older records, which do not count; of equally new ones the longest does. A new instance has none, and knows what the others
 * know.
 */
export class SharedRecords {
  readonly #instances: readonly Instance[]
  readonly #packs = new Set<EntityPack>()
  readonly #entities = new Map<string, Map<string, Copy>>()
  /** Newest pane by instance, of whichever entity: who knows none as new as that of another was away. */
  readonly #reached = new Map<string, number>()
  /** By instance the newest packs of its logs, which are written in step: who has fewer was away, within one pane even. */
  readonly #written = new Map<string, { pane: number; slice: number }>()

  constructor(instances: readonly Instance[]) {
    this.#instances = instances
  }

  /** The pack of one as that of each. */
  copies(packs: readonly EntityPack[]): EntityPack[] {
    return packs.flatMap((pack) =>
      this.#instances.map(({ detector: { id, version } }) => ({ ...pack, detector: id, version })),
    )
  }

  /** Takes a pack that an instance stored; those of a log in their order. */
  take(pack: EntityPack): RestoredPack {
    this.#packs.add(pack)
    return { withdraw: () => void this.#packs.delete(pack) }
  }

  /** The packs of one instance, where all have stored the same: they are as good as its own. Else none, and `drain` gives all. */
  same(): readonly EntityPack[] {
    const logs = this.#instances.map(({ detector: { id, version } }) => {
      const own = [...this.#packs].filter((pack) => pack.detector === id && pack.version === version)
      return (['pane', 'slice'] as const).flatMap((part) => own.filter((pack) => pack.part === part))
    })
    const [first = [], ...others] = logs
    if (!others.every((log) => areSame(first, log))) return []
    this.#packs.clear()
    return first
  }

  /** Takes a record that an instance stored in a pack of this number, in place of an older one of that name. */
  #add(record: EntityRecord, number: number): void {
    const { entity, part, index } = parsePartKey(record.entity)
    const reached = part === 'pane' ? index : record.bytes ? sealedOf(record.bytes) : Number.NEGATIVE_INFINITY
    this.#reached.set(record.detector, Math.max(reached, this.#reached.get(record.detector) ?? reached))
    const written = this.#written.get(record.detector) ?? { pane: 0, slice: 0 }
    this.#written.set(record.detector, written)
    written[part] = Math.max(written[part], number)
    const copies = this.#entities.get(entity) ?? new Map<string, Copy>()
    this.#entities.set(entity, copies)
    const copy = copies.get(record.detector) ?? newCopy()
    copies.set(record.detector, copy)
    copy.bytes -= copy.parts.get(record.entity)?.bytes?.length ?? 0
    if (record.bytes === undefined) copy.parts.delete(record.entity)
    else {
      copy.parts.set(record.entity, record)
      copy.sealed = Math.max(copy.sealed, sealedOf(record.bytes))
      copy.bytes += record.bytes.length
    }
  }

  /** Gives each entity once. `onPack` is told of each pack before. */
  *drain(onPack: (pack: EntityPack) => void): Generator<Counted> {
    for (const pack of this.#packs) {
      onPack(pack)
      for (const record of unpack([pack])) this.#add(record, pack.number)
    }
    this.#packs.clear()
    const present = this.#present()
    for (const [entity, copies] of this.#entities) {
      const all = [...copies.values()]
      // What only those know that were away was given up by the others.
      const best = [...copies]
        .filter(([instance]) => present.has(instance))
        .map(([, copy]) => copy)
        .reduce((left, right) => (isNewer(right, left) ? right : left), newCopy())
      const stale = all.flatMap(({ parts }) => [...parts.keys()].filter((key) => !best.parts.has(key)))
      yield { entity, parts: best.parts, stale }
    }
    this.#entities.clear()
    this.#reached.clear()
    this.#written.clear()
  }

  /** The instances that stored something last. */
  #present(): ReadonlySet<string> {
    const newest = Math.max(...this.#reached.values())
    const reached = [...this.#written].filter(([instance]) => this.#reached.get(instance) === newest)
    const last = Math.max(...reached.map(([, { pane, slice }]) => pane + slice))
    return new Set(
      reached.flatMap(([instance, { pane, slice }]) => (pane + slice === last ? [instance] : [])),
    )
  }
}

function areSame(left: readonly EntityPack[], right: readonly EntityPack[]): boolean {
  if (left.length !== right.length) return false
  return left.every((one, at) => {
    const { part, number, bytes } = right[at] as EntityPack
    return one.part === part && one.number === number && areSameBytes(one.bytes, bytes)
  })
}

function areSameBytes(left: Uint8Array, right: Uint8Array): boolean {
  if (left.length !== right.length) return false
  for (let at = 0; at < left.length; at++) if (left[at] !== right[at]) return false
  return true
}

function newCopy(): Copy {
  return { parts: new Map(), sealed: Number.NEGATIVE_INFINITY, bytes: 0 }
}

function isNewer(left: Copy, right: Copy): boolean {
  return left.sealed > right.sealed || (left.sealed === right.sealed && left.bytes > right.bytes)
}
