import { ByteWriter } from '../aggregates/bytes.ts'
import type { Detector } from '../detector/detector.ts'
import type { EntityRecord } from '../ports/state-store.ts'
import { encodePane, encodeSlice, partKey } from './entity-codec.ts'
import type { EntityTable } from './entity-table.ts'

/**
 * Records of the parts that changed since the last cut, as they were at this one; without bytes for those that are gone, which
 * come first. What is sealed does not change, so a cut costs what was touched since the last one, and not what is known.
 * Encoding goes on beside the events. Nothing may be sealed or forgotten before it is through.
 */
export class RecordCut {
  readonly #detector: Detector
  readonly #table: EntityTable
  readonly #gone: readonly string[]
  readonly #out = new ByteWriter()
  readonly #written: { readonly entity: string; readonly end: number }[] = []
  #failure: { readonly error: unknown } | undefined

  constructor(detector: Detector, table: EntityTable) {
    this.#detector = detector
    this.#table = table
    this.#gone = [...table.gone]
    table.gone.clear()
    const { panes, slices, index } = table
    panes.changes.cut((pane) =>
      this.#write(() => {
        encodePane(table, pane, this.#out)
        return partKey(index.key(panes.entityOf(pane)), 'pane', panes.indexOf(pane))
      }),
    )
    slices.changes.cut((slice) =>
      this.#write(() => {
        encodeSlice(table, slice, this.#out)
        return partKey(index.key(slices.entityOf(slice)), 'slice', slices.indexOf(slice))
      }),
    )
  }

  /** Encodes a little. Returns whether there is more. Once it has failed it always fails: a record is torn. */
  some(): boolean {
    if (this.#failure) throw this.#failure.error
    const { panes, slices } = this.#table
    return panes.changes.writeSome() || slices.changes.writeSome()
  }

  /** All records; encodes what is not yet. */
  records(): EntityRecord[] {
    while (this.some());
    const { id, version } = this.#detector
    const records = this.#gone.map((entity): EntityRecord => {
      return { detector: id, version, entity, bytes: undefined }
    })
    // All in one piece of memory: one for each would cost more than what is written there.
    const all = this.#out.finish()
    let start = 0
    for (const { entity, end } of this.#written) {
      records.push({ detector: id, version, entity, bytes: all.subarray(start, end) })
      start = end
    }
    return records
  }

  #write(encode: () => string): void {
    try {
      const entity = encode()
      this.#written.push({ entity, end: this.#out.length })
    } catch (error) {
      this.#failure = { error }
      throw error
    }
  }
}
