import type { EntityRecord } from '../ports/state-store.ts'
import { sealedOf } from './entity-codec.ts'
import type { Instance } from './instance.ts'

interface Candidate {
  readonly bytes: Uint8Array
  readonly sealed: number
  /** How many instances have a record of the entity. */
  readonly instances: number
}

/**
 * Records of instances that share their state. Each has its own, all the same, so that any of them may be taken out of the
 * configuration or be given other settings and no other loses what it knows. One that was away for a while comes back with
 * older records: of each entity that record counts which was sealed last, of these the longest. A new instance has none,
 * and knows what the others know.
 */
export class SharedRecords {
  readonly #instances: readonly Instance[]
  readonly #candidates = new Map<string, Candidate>()

  constructor(instances: readonly Instance[]) {
    this.#instances = instances
  }

  /** The record of one as that of each. */
  copies(records: readonly EntityRecord[]): EntityRecord[] {
    return records.flatMap((record) =>
      this.#instances.map(({ detector: { id, version } }) => ({ ...record, detector: id, version })),
    )
  }

  add(entity: string, bytes: Uint8Array): void {
    const sealed = sealedOf(bytes)
    const known = this.#candidates.get(entity)
    const isNewer =
      !known ||
      sealed > known.sealed ||
      (sealed === known.sealed && bytes.byteLength > known.bytes.byteLength)
    const instances = (known?.instances ?? 0) + 1
    this.#candidates.set(entity, isNewer ? { bytes, sealed, instances } : { ...known, instances })
  }

  /** Calls back once for each entity; `isWhole` when all instances have a record of it. */
  drain(restore: (entity: string, bytes: Uint8Array, isWhole: boolean) => void): void {
    for (const [entity, { bytes, instances }] of this.#candidates)
      restore(entity, bytes, instances === this.#instances.length)
    this.#candidates.clear()
  }
}
