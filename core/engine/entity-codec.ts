import { ByteReader, ByteWriter } from '../aggregates/bytes.ts'
import type { Detector } from '../detector/detector.ts'
import type { EntityRecord } from '../ports/state-store.ts'
import type { EntityTable } from './entity-table.ts'

/** First byte of every record; another one is refused, never misread. */
export const formatVersion = 4

/** Which part of an entity a record holds: one of its panes, or one slice of its long memory. */
type Part = 'pane' | 'slice'
const letters = { pane: 'p', slice: 's' } as const
const partPattern = /^(.*) ([ps])(-?\d{1,16})$/s

/** Names the part of an entity: `entityKey`, the part and its index, such as `ip:192.0.2.1 p5821`. */
export function partKey(entityKey: string, part: Part, index: number): string {
  return `${entityKey} ${letters[part]}${index}`
}

/** The `entityKey` and the part that a `partKey` names. Throws `RangeError` for other text. */
export function parsePartKey(key: string): {
  readonly entity: string
  readonly part: Part
  readonly index: number
} {
  // The entity's id may hold blanks, and looks like parts.
  const match = partPattern.exec(key)
  if (!match)
    throw new RangeError(
      `${key.slice(0, 80)}: stored state of another version of Picket; move the data folder away to start anew`,
    )
  const [, entity = '', letter, index] = match
  return { entity, part: letter === 'p' ? 'pane' : 'slice', index: Number(index) }
}

/**
 * Records of the parts that changed since the last call; without bytes for those that are gone, which come first. What is
 * sealed does not change, so a commit costs what was touched since the last one, and not what is known.
 */
export function drainRecords({ id, version }: Detector, table: EntityTable): EntityRecord[] {
  const records: EntityRecord[] = []
  const { panes, slices } = table
  for (const entity of table.gone) records.push({ detector: id, version, entity, bytes: undefined })
  table.gone.clear()
  const out = new ByteWriter()
  panes.changes.drain((pane) => {
    const entity = partKey(table.index.key(panes.entity[pane] as number), 'pane', panes.index[pane] as number)
    records.push({ detector: id, version, entity, bytes: encodePane(table, pane, out) })
  })
  slices.changes.drain((slice) => {
    const entity = partKey(
      table.index.key(slices.entity[slice] as number),
      'slice',
      slices.index[slice] as number,
    )
    records.push({ detector: id, version, entity, bytes: encodeSlice(table, slice, out) })
  })
  return records
}

/** All parts of an entity are to be stored anew. */
export function storeAnew({ panes, slices }: EntityTable, entity: number): void {
  for (const cells of [panes, slices]) {
    for (let slot = cells.newest(entity); slot >= 0; slot = cells.older(slot)) cells.changes.changed(slot)
  }
}

function encodePane(table: EntityTable, pane: number, out: ByteWriter): Uint8Array {
  const { panes, slices } = table
  out.uint(formatVersion)
  for (const numbers of [panes.index, panes.first, panes.last]) out.float(numbers[pane] as number)
  out.uint(panes.events[pane] as number)
  panes.arena.encode(pane, out)
  const own = table.unsettledOf(pane)
  out.uint(own >= 0 ? 1 : 0)
  if (own >= 0) slices.arena.encode(own, out)
  return out.finish()
}

function encodeSlice(table: EntityTable, slice: number, out: ByteWriter): Uint8Array {
  const { slices } = table
  out.uint(formatVersion)
  out.float(table.sealed[slices.entity[slice] as number] as number)
  out.uint(slices.events[slice] as number)
  slices.arena.encode(slice, out)
  return out.finish()
}

/**
 * Reads a part of an entity that does not have it yet. Throws `RangeError` for a torn record or one of another
 * version; `detector` is named in the message.
 */
export function decodePart(
  detector: string,
  table: EntityTable,
  entity: number,
  { part, index }: { readonly part: Part; readonly index: number },
  bytes: Uint8Array,
): void {
  const from = new ByteReader(bytes)
  const version = from.uint()
  if (version !== formatVersion) {
    throw new RangeError(
      `${detector}: stored state has format ${version}, this version reads ${formatVersion}; move the data folder away to start anew`,
    )
  }
  if (part === 'pane') decodePane(table, entity, from)
  else decodeSlice(table, entity, index, from)
}

function decodePane(table: EntityTable, entity: number, from: ByteReader): void {
  const { panes, slices } = table
  const pane = panes.open(entity, from.float())
  panes.first[pane] = from.float()
  panes.last[pane] = from.float()
  panes.events[pane] = from.uint()
  panes.arena.decode(pane, from)
  if (from.uint() === 1) slices.arena.decode(table.memoryOf(pane), from)
  table.events[entity] = (table.events[entity] as number) + (panes.events[pane] as number)
  panes.changes.restored(pane)
}

function decodeSlice(table: EntityTable, entity: number, index: number, from: ByteReader): void {
  const { slices } = table
  table.sealed[entity] = Math.max(table.sealed[entity] as number, from.float())
  const slice = slices.open(entity, index)
  slices.events[slice] = from.uint()
  slices.arena.decode(slice, from)
  const events = slices.events[slice] as number
  table.events[entity] = (table.events[entity] as number) + events
  table.memoryEvents[entity] = (table.memoryEvents[entity] as number) + events
  slices.changes.restored(slice)
}

/**
 * How new a record is among others of the same part: the index of its pane, or of the newest pane that was sealed when
 * its slice was written. −Infinity for a record of another version.
 */
export function sealedOf(bytes: Uint8Array): number {
  const from = new ByteReader(bytes)
  return from.uint() === formatVersion ? from.float() : Number.NEGATIVE_INFINITY
}
