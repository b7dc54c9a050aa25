import type { ControlEntry } from '../../../core/manifest/control-log.ts'
import type { RawRecord } from '../../../core/ports/source.ts'
import { PartitionRanges } from './partition-ranges.ts'

type Refused = Extract<ControlEntry, { kind: 'refused-range' }>

/** Makes the same records be refused that were refused when they were read first, and no others. */
export class RefusedThen {
  readonly #ranges: PartitionRanges<Refused>

  constructor(ranges: readonly Refused[]) {
    this.#ranges = new PartitionRanges(ranges)
  }

  /** Received when they were then, where that decided; else so late that nothing lies ahead of it. */
  accepted(partition: string, records: readonly RawRecord[]): RawRecord[] {
    return records.flatMap((record) => {
      const refused = this.#ranges.find(partition, record.offset)
      if (refused && refused.received === undefined) return []
      return [{ ...record, received: refused?.received ?? Number.POSITIVE_INFINITY }]
    })
  }
}
