import { ByteReader, ByteWriter } from '../aggregates/bytes.ts'
import type { Detector } from '../detector/detector.ts'
import type { EntityRecord } from '../ports/state-store.ts'
import type { EntityTable } from './entity-table.ts'

/** First byte of every record; another one is refused, never misread. */
export const formatVersion = 3

/** The panes and memory of an entity as bytes; its findings are stored as findings. */
function encodeEntity(table: EntityTable, entity: number): Uint8Array {
  const { panes, slices } = table
  const out = new ByteWriter()
  out.uint(formatVersion)
  out.float(table.sealed[entity] as number)
  const paneSlots = slotsOf(panes, entity)
  out.uint(paneSlots.length)
  for (const pane of paneSlots) {
    for (const numbers of [panes.index, panes.first, panes.last, panes.events])
      out.float(numbers[pane] as number)
    panes.arena.encode(pane, out)
    const own = table.unsettledOf(pane)
    out.uint(own >= 0 ? 1 : 0)
    if (own >= 0) slices.arena.encode(own, out)
  }
  const sliceSlots = slotsOf(slices, entity)
  out.uint(sliceSlots.length)
  for (const slice of sliceSlots) {
    for (const numbers of [slices.index, slices.events]) out.float(numbers[slice] as number)
    slices.arena.encode(slice, out)
  }
  return out.finish()
}

/**
 * Reads what `encodeEntity` wrote into an entity without panes. Throws `RangeError` for a torn record or one of
 * another version; `detector` is named in the message.
 */
export function decodeEntity(detector: string, table: EntityTable, entity: number, bytes: Uint8Array): void {
  const { panes, slices } = table
  const from = new ByteReader(bytes)
  const version = from.uint()
  if (version !== formatVersion) {
    throw new RangeError(
      `${detector}: stored state has format ${version}, this version reads ${formatVersion}; move the data folder away to start anew`,
    )
  }
  table.sealed[entity] = from.float()
  for (let count = from.uint(); count > 0; count--) {
    const pane = panes.open(entity, from.float())
    panes.first[pane] = from.float()
    panes.last[pane] = from.float()
    panes.events[pane] = from.float()
    panes.arena.decode(pane, from)
    if (from.uint() === 1) slices.arena.decode(table.memoryOf(pane), from)
    table.events[entity] = (table.events[entity] as number) + (panes.events[pane] as number)
  }
  for (let count = from.uint(); count > 0; count--) {
    const slice = slices.open(entity, from.float())
    slices.events[slice] = from.float()
    slices.arena.decode(slice, from)
    table.events[entity] = (table.events[entity] as number) + (slices.events[slice] as number)
  }
}

/** Index of the newest sealed pane in what `encodeEntity` wrote; −Infinity for a record of another version. */
export function sealedOf(bytes: Uint8Array): number {
  const from = new ByteReader(bytes)
  return from.uint() === formatVersion ? from.float() : Number.NEGATIVE_INFINITY
}

/** Records of the entities that changed since the last call; without bytes for those that are gone. */
export function drainRecords({ id, version }: Detector, table: EntityTable): EntityRecord[] {
  const records: EntityRecord[] = []
  table.changes.drain(
    (entity) => records.push({ detector: id, version, entity, bytes: undefined }),
    (number) => {
      const entity = table.index.key(number)
      records.push({ detector: id, version, entity, bytes: encodeEntity(table, number) })
    },
  )
  return records
}

interface Slots {
  newest(entity: number): number
  older(slot: number): number
}

/** Oldest first. */
function slotsOf(cells: Slots, entity: number): number[] {
  const slots: number[] = []
  for (let slot = cells.newest(entity); slot >= 0; slot = cells.older(slot)) slots.push(slot)
  return slots.reverse()
}
