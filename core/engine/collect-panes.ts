import { encodePane } from './entity-codec.ts'
import { EntityPacker } from './entity-pack.ts'
import type { EntityTable } from './entity-table.ts'
import type { DealtPack } from './pane-pack.ts'

/** Brokers take messages up to 1 MB by default; a pack may be one record longer than this. */
const packBytesMax = 200_000

/** The partition of the entity with this `entityKey`. */
export type PartitionOf = (entityKey: string) => number

/** Encodes the panes that changed since the last call, each into a pack of its entity's partition. */
export function collectPanes(
  table: EntityTable,
  { id, version }: { readonly id: string; readonly version: number },
  partitionOf: PartitionOf,
): DealtPack[] {
  const { told, index } = table
  const { cells } = told.panes
  const packs: DealtPack[] = []
  const open = new Map<number, { readonly packer: EntityPacker; records: number }>()
  const end = (partition: number) => {
    const { packer, records = 0 } = open.get(partition) ?? {}
    open.delete(partition)
    const bytes = packer?.pack()
    if (bytes) packs.push({ detector: id, version, partition, records, bytes })
  }
  cells.changes.cut((slot) => {
    const partition = partitionOf(index.key(cells.entityOf(slot)))
    const into = open.get(partition) ?? { packer: new EntityPacker(), records: 0 }
    open.set(partition, into)
    const { packer } = into
    const before = packer.out.length
    told.panes.begin(packer, slot)
    encodePane(table, slot, packer.out)
    packer.end()
    into.records++
    const after = packer.out.length
    if (after >= packBytesMax) end(partition)
    return after - before
  })
  while (cells.changes.writeSome());
  for (const partition of [...open.keys()]) end(partition)
  return packs
}
