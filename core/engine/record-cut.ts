import type { EntityPack } from '../ports/state-store.ts'
import { encodePane, encodeSlice } from './entity-codec.ts'
import type { EntityPacker } from './entity-pack.ts'
import type { EntityTable } from './entity-table.ts'
import type { ToldParts } from './told-parts.ts'

/** What a cut holds of panes, or of slices. */
interface Log extends Pick<EntityPack, 'number' | 'oldest'> {
  readonly told: ToldParts
  readonly packer: EntityPacker
}

/**
 * Records of the parts that changed since the last cut, as they were at this one; without bytes for those that are gone, which
 * come first. What is sealed does not change, so a cut costs what was touched since the last one, and not what is known.
 * Encoding goes on beside the events. Nothing may be sealed or forgotten before it is through.
 */
export class RecordCut {
  readonly #logs: readonly Log[]
  #failure: { readonly error: unknown } | undefined

  constructor(table: EntityTable) {
    const { panes, slices } = table.told
    this.#logs = [
      this.#begin(panes, (pane, { out }) => encodePane(table, pane, out)),
      this.#begin(slices, (slice, { out }) => encodeSlice(table, slice, out)),
    ]
  }

  /** Encodes a little. Returns whether there is more. Once it has failed it always fails: a record is torn. */
  some(): boolean {
    if (this.#failure) throw this.#failure.error
    return this.#logs.some(({ told }) => told.cells.changes.writeSome())
  }

  /** All records, once; encodes what is not yet. */
  packs(detector: { readonly id: string; readonly version: number }): EntityPack[] {
    while (this.some());
    const { id, version } = detector
    return this.#logs.flatMap(({ told: { part }, packer, number, oldest }) => {
      const bytes = packer.pack()
      return bytes ? [{ detector: id, version, part, number, oldest, bytes }] : []
    })
  }

  #begin(told: ToldParts, encode: (slot: number, packer: EntityPacker) => void): Log {
    const packer = told.cut()
    const numbers = told.cells.changes.cut((slot) => {
      try {
        const before = packer.out.length
        told.begin(packer, slot)
        encode(slot, packer)
        packer.end()
        return packer.out.length - before
      } catch (error) {
        this.#failure = { error }
        throw error
      }
    })
    return { told, packer, ...numbers }
  }
}
