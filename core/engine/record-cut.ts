import type { EntityPack } from '../ports/state-store.ts'
import { encodePane, encodeSlice } from './entity-codec.ts'
import type { EntityPacker } from './entity-pack.ts'
import type { EntityTable } from './entity-table.ts'
import type { Part } from './part-name.ts'

/**
 * Records of the parts that changed since the last cut, as they were at this one; without bytes for those that are gone, which
 * come first. What is sealed does not change, so a cut costs what was touched since the last one, and not what is known.
 * Encoding goes on beside the events. Nothing may be sealed or forgotten before it is through.
 */
export class RecordCut {
  readonly #table: EntityTable
  readonly #packer: EntityPacker
  #failure: { readonly error: unknown } | undefined

  constructor(table: EntityTable) {
    this.#table = table
    this.#packer = table.told.cut()
    table.panes.changes.cut((pane) => this.#write('pane', pane))
    table.slices.changes.cut((slice) => this.#write('slice', slice))
  }

  /** Encodes a little. Returns whether there is more. Once it has failed it always fails: a record is torn. */
  some(): boolean {
    if (this.#failure) throw this.#failure.error
    const { panes, slices } = this.#table
    return panes.changes.writeSome() || slices.changes.writeSome()
  }

  /** All records, once; encodes what is not yet. `undefined` where there is none. */
  pack(): EntityPack | undefined {
    while (this.some());
    return this.#packer.pack()
  }

  #write(part: Part, slot: number): void {
    const table = this.#table
    const packer = this.#packer
    try {
      table.told.begin(packer, part, part === 'pane' ? table.panes : table.slices, slot)
      if (part === 'pane') encodePane(table, slot, packer.out)
      else encodeSlice(table, slot, packer.out)
      packer.end()
    } catch (error) {
      this.#failure = { error }
      throw error
    }
  }
}
