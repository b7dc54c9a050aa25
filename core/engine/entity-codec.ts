import type { Shape } from '../aggregates/aggregate.ts'
import { ByteReader } from '../aggregates/byte-reader.ts'
import type { ByteWriter } from '../aggregates/byte-writer.ts'
import type { CellArena } from '../aggregates/cell-arena.ts'
import type { EntityTable } from './entity-table.ts'
import type { Part } from './part-name.ts'

/** First byte of every record; another one is refused, never misread. */
export const formatVersion = 4

/** Raised with every change of what records hold or are named, for who sends them to processes of another version. */
export const recordFormat = 5

/** All parts of an entity are to be stored anew. */
export function storeAnew({ panes, slices }: EntityTable, entity: number): void {
  for (const cells of [panes, slices]) {
    for (let slot = cells.newest(entity); slot >= 0; slot = cells.older(slot)) cells.changes.changed(slot)
  }
}

export function encodePane(table: EntityTable, pane: number, out: ByteWriter): void {
  const { panes, slices } = table
  table.unread.read(panes.entityOf(pane))
  out.uint(formatVersion)
  out.float(panes.indexOf(pane))
  out.float(panes.firstOf(pane))
  out.float(panes.lastOf(pane))
  out.uint(panes.eventsOf(pane))
  panes.arena.encode(pane, out)
  const own = table.unsettledOf(pane)
  out.uint(own >= 0 ? 1 : 0)
  if (own >= 0) slices.arena.encode(own, out)
}

export function encodeSlice(table: EntityTable, slice: number, out: ByteWriter): void {
  const { slices } = table
  table.unread.read(slices.entityOf(slice))
  out.uint(formatVersion)
  out.float(table.sealed[slices.entityOf(slice)] as number)
  out.uint(slices.eventsOf(slice))
  slices.arena.encode(slice, out)
}

/**
 * Reads what a stored part says of itself into its slot, which is empty; its cells are left unread. Throws `RangeError` for a torn
 * record or one of another version; `detector` is named in the message.
 */
export function restoreHead(
  detector: string,
  table: EntityTable,
  slot: number,
  part: Part,
  from: ByteReader,
): void {
  checkVersion(detector, from)
  if (part === 'pane') restorePane(table, slot, from)
  else restoreSlice(table, slot, from)
}

function checkVersion(detector: string, from: ByteReader): void {
  const version = from.uint()
  if (version !== formatVersion) {
    throw new RangeError(
      `${detector}: stored state has format ${version}, this version reads ${formatVersion}; move the data folder away to start anew`,
    )
  }
}

/** Index of the pane in a record of one, and how many events it holds. Throws `RangeError` as `decodePart` does. */
export function paneHead(detector: string, from: ByteReader): PaneHead {
  checkVersion(detector, from)
  const [index, first, last] = [from.float(), from.float(), from.float()]
  return { index, first, last, events: from.uint(), cells: from }
}

export interface PaneHead {
  readonly index: number
  readonly first: number
  readonly last: number
  readonly events: number
  /** Where the cells begin. */
  readonly cells: ByteReader
}

/** Adds what another engine collected in a pane to the entity's own, open pane, and returns its slot. */
export function mergePane(table: EntityTable, entity: number, head: PaneHead): number {
  const { panes, slices } = table
  const pane = table.paneOf(entity, head.index)
  panes.setTimes(pane, Math.min(panes.firstOf(pane), head.first), Math.max(panes.lastOf(pane), head.last))
  panes.addEvents(pane, head.events)
  table.events[entity] = (table.events[entity] as number) + head.events
  mergeCells(panes.arena, pane, head.cells)
  if (head.cells.uint() === 1) mergeCells(slices.arena, table.memoryOf(pane), head.cells)
  return pane
}

function mergeCells(arena: CellArena<Shape>, into: number, from: ByteReader): void {
  const read = arena.open()
  arena.decode(read, from)
  arena.merge(into, arena, read)
  arena.release(read)
}

function restorePane({ panes, events }: EntityTable, pane: number, from: ByteReader): void {
  const entity = panes.entityOf(pane)
  // The index, which the record's name says as well.
  from.float()
  panes.setTimes(pane, from.float(), from.float())
  panes.addEvents(pane, from.uint())
  events[entity] = (events[entity] as number) + panes.eventsOf(pane)
  panes.changes.restored(pane, from.length)
  panes.unread.hold(pane, from.at, from.end)
}

function restoreSlice(table: EntityTable, slice: number, from: ByteReader): void {
  const { slices, sealed, events, memoryEvents } = table
  const entity = slices.entityOf(slice)
  sealed[entity] = Math.max(sealed[entity] as number, from.float())
  slices.addEvents(slice, from.uint())
  const own = slices.eventsOf(slice)
  events[entity] = (events[entity] as number) + own
  memoryEvents[entity] = (memoryEvents[entity] as number) + own
  slices.changes.restored(slice, from.length)
  slices.unread.hold(slice, from.at, from.end)
}

/** Reads the cells behind the head of a pane that was restored. */
export function readPaneCells(table: EntityTable, pane: number, from: ByteReader): void {
  table.panes.arena.decode(pane, from)
  if (from.uint() === 1) table.slices.arena.decode(table.memoryOf(pane), from)
}

/**
 * How new a record is among others of the same part: the index of its pane, or of the newest pane that was sealed when
 * its slice was written. −Infinity for a record of another version.
 */
export function sealedOf(bytes: Uint8Array): number {
  const from = new ByteReader(bytes)
  return from.uint() === formatVersion ? from.float() : Number.NEGATIVE_INFINITY
}
